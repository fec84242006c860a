using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// A static field of which every thread has one: it is compared with what it held on the same thread.
/// </summary>
/// <remarks>
/// Machines are booted on one thread and run on others, where such a field has never been written. What it held there
/// is noted before a task runs there, so what tasks do to it shows.
/// </remarks>
internal sealed class OutsideThreadField : OutsideSlot
{
    private readonly FieldInfo _declared;
    private readonly ConditionalWeakTable<System.Threading.Thread, StrongBox<object?>> _before = [];

    internal OutsideThreadField(FieldInfo declared)
        : base(owner: null)
    {
        _declared = declared;
        IsReadOnly = declared.IsInitOnly;
        BootedOnThread();
    }

    internal override object? Value => _declared.GetValue(null);

    internal override object? Before =>
        _before.TryGetValue(System.Threading.Thread.CurrentThread, out StrongBox<object?>? before)
            ? before.Value
            : Default(_declared.FieldType);

    internal override string Name =>
        $"the static field '{_declared.Name}' of {OutsideTypes.NameOf(_declared.DeclaringType!)}, which each thread "
        + "has for itself,";

    /// <summary>Whether every thread has one of this.</summary>
    internal static bool Is(FieldInfo field) => field.IsStatic && field.IsDefined(typeof(ThreadStaticAttribute));

    /// <summary>Notes what it holds on this thread, unless that is known.</summary>
    internal void BeginOnThread()
    {
        if (!_before.TryGetValue(System.Threading.Thread.CurrentThread, out _))
            BootedOnThread();
    }

    /// <summary>Notes what it holds on this thread.</summary>
    internal void BootedOnThread() =>
        _before.AddOrUpdate(System.Threading.Thread.CurrentThread, new StrongBox<object?>(Value));

    private static object? Default(Type type) => type.IsValueType ? RuntimeHelpers.GetUninitializedObject(type) : null;
}
