using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Numbers the objects made at boot to which kernel functions refer, so that stacks that differ only in them are told
/// apart.
/// </summary>
/// <remarks>
/// Two tasks that wait in the same function of two different locks stand in different places. The numbers follow from
/// the order in which the objects are reached from the tasks' bodies, so they are the same for every boot and every
/// thread.
/// </remarks>
/// <param name="roots">The tasks' bodies; null for stacks without a machine, whose objects are not told apart.</param>
internal sealed class KernelObjects(IReadOnlyList<Delegate>? roots)
{
    private const int RecentMask = 63;
    private const int ObjectsMax = 1_000_000;

    private readonly Entry?[] _recent = new Entry?[RecentMask + 1];
    private readonly Lock _lock = new();
    private ConcurrentDictionary<object, Entry>? _numbers; // Null until somebody asks: most machines are never hashed.

    /// <summary>The number of an object, from 1; 0 for null.</summary>
    /// <param name="reference">The object.</param>
    /// <param name="place">Any number that is the same for the same local of the same function: it mostly refers to the
    /// same object as last time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int NumberOf(object? reference, int place)
    {
        if (reference is null || roots is null)
            return 0;

        Entry? recent = _recent[place & RecentMask];
        return recent is not null && recent.Object == reference ? recent.Number : Find(reference, place);
    }

    private int Find(object reference, int place)
    {
        ConcurrentDictionary<object, Entry> numbers = Volatile.Read(ref _numbers) ?? Build();
        if (!numbers.TryGetValue(reference, out Entry? entry))
            entry = Add(numbers, reference);

        _recent[place & RecentMask] = entry;
        return entry.Number;
    }

    // An object that no task's body leads to: made at boot and kept elsewhere, or made by a task, which is a mistake
    // where variables are captured.
    private Entry Add(ConcurrentDictionary<object, Entry> numbers, object reference)
    {
        if (reference.GetType().IsDefined(typeof(CompilerGeneratedAttribute)))
        {
            throw new KernelMisuseException(
                $"{reference.GetType().DeclaringType?.Name}: an async lambda or local function that was made while "
                + "tasks run keeps variables of the "
                    + "function around it across an await; a snapshot cannot copy those. Make it a method, and pass "
                    + "what it needs as values.");
        }

        lock (_lock)
            return numbers.GetOrAdd(reference, new Entry(reference, numbers.Count + 1));
    }

    private ConcurrentDictionary<object, Entry> Build()
    {
        lock (_lock)
        {
            if (_numbers is not null)
                return _numbers;

            var numbers = new ConcurrentDictionary<object, Entry>(ReferenceEqualityComparer.Instance);
            var pending = new Stack<object>(roots!.Reverse());
            while (pending.TryPop(out object? reference) && numbers.Count < ObjectsMax)
            {
                if (numbers.TryAdd(reference, new Entry(reference, numbers.Count + 1)))
                    PushReferences(reference, pending);
            }

            Volatile.Write(ref _numbers, numbers);
            return numbers;
        }
    }

    private static void PushReferences(object from, Stack<object> pending)
    {
        if (from is Array array)
        {
            for (int i = array.Length - 1; i >= 0 && array.Rank == 1; i--)
                PushValue(array.GetValue(i), pending);

            return;
        }

        if (!LeadsOn(from.GetType()))
            return;

        for (Type? type = from.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            PushFields(from, type, pending);
    }

    private static void PushFields(object from, Type type, Stack<object> pending)
    {
        foreach (
            FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        {
            if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && !field.FieldType.IsEnum)
                PushValue(field.GetValue(from), pending);
        }
    }

    private static void PushValue(object? value, Stack<object> pending)
    {
        if (value is null or string or MemberInfo or Assembly)
            return;

        Type type = value.GetType();
        if (!type.IsValueType)
            pending.Push(value);
        else if (!type.IsPrimitive && !type.IsEnum)
            PushFields(value, type, pending);
    }

    // The simulator's own objects hold no kernel objects, and a framework's hold them in collections and delegates
    // only.
    private static bool LeadsOn(Type type)
    {
        if (type.Assembly == typeof(KernelObjects).Assembly)
            return type.IsDefined(typeof(KernelObjectAttribute), inherit: true) && type.IsPublic;

        bool isFramework =
            type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));
        return !isFramework
            || typeof(Delegate).IsAssignableFrom(type)
            || type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal);
    }

    private sealed record Entry(object Object, int Number);
}
