using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>Which objects and fields are worth watching for <see cref="OutsideState"/>.</summary>
internal static class OutsideTypes
{
    private static readonly ConcurrentDictionary<(Type, BindingFlags), FieldInfo[]> s_fields = [];

    /// <summary>The fields that a type declares.</summary>
    internal static FieldInfo[] FieldsOf(Type type, BindingFlags kind) => s_fields.GetOrAdd(
        (type, kind),
        static key => [.. key.Item1.GetFields(key.Item2 | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Where(IsWatched)]);

    /// <summary>Whether an object's fields may be state: not those of the simulator, of reflection, and of threads.</summary>
    internal static bool IsWatched(object reference)
    {
        Type type = reference.GetType();
        if (reference is string or MemberInfo or Assembly or Module or System.Threading.Thread)
            return false;

        return type.IsArray || reference is Delegate || IsOwnCode(type) || IsCollection(type) || IsKnownSource(type);
    }

    /// <summary>Code of a scenario, a port or a module: neither the simulator's nor the framework's.</summary>
    internal static bool IsOwnCode(Type type) =>
        type.Assembly != typeof(OutsideTypes).Assembly && !IsFramework(type) && type.Assembly.GetName().Name?.StartsWith("xunit", StringComparison.Ordinal) != true;

    internal static bool IsMadeByCompiler(Type type) => type.Name.StartsWith('<');

    /// <summary>Puts the objects that a value refers to into a queue.</summary>
    internal static void EnqueueReferences(object? value, Queue<object> pending)
    {
        if (value is null)
            return;

        Type type = value.GetType();
        if (!type.IsValueType)
        {
            pending.Enqueue(value);
        }
        else if (!type.IsPrimitive && !type.IsEnum)
        {
            foreach (FieldInfo field in FieldsOf(type, BindingFlags.Instance))
                EnqueueReferences(field.GetValue(value), pending);
        }
    }

    private static bool IsFramework(Type type) =>
        type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal));

    private static bool IsCollection(Type type) => type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true;

    // Objects of the framework whose fields change whenever they are asked.
    private static bool IsKnownSource(Type type) =>
        typeof(Random).IsAssignableFrom(type) || type.FullName!.StartsWith("System.Random+", StringComparison.Ordinal)
        || type == typeof(System.Text.StringBuilder) || type == typeof(System.Diagnostics.Stopwatch);

    // Delegates that the compiler keeps for reuse, and whatever belongs to the simulator or has an address only.
    private static bool IsWatched(FieldInfo field) =>
        !field.Name.StartsWith("<>9", StringComparison.Ordinal)
        && !field.FieldType.IsPointer
        && !field.FieldType.IsByRefLike
        && !field.IsDefined(typeof(ThreadStaticAttribute))
        && !IsSimulator(field.FieldType);

    private static bool IsSimulator(Type type) =>
        type.Assembly == typeof(OutsideTypes).Assembly
        && !type.IsGenericType
        && !type.IsDefined(typeof(CompilerGeneratedAttribute))
        && (!type.IsValueType || type == typeof(SimulatedKernel));
}
