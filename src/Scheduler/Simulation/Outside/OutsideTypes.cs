using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>Which objects and fields are worth watching for <see cref="OutsideState"/>.</summary>
internal static class OutsideTypes
{
    private static readonly ConcurrentDictionary<(Type, BindingFlags), FieldInfo[]> s_fields = [];
    private static readonly ConcurrentDictionary<Type, int> s_bytes = [];
    private static readonly string[] s_noModules =
        ["kmaplab", "System.", "Microsoft.", "mscorlib", "netstandard", "xunit"];

    /// <summary>The fields that a type declares, without those of the compiler and of the simulator.</summary>
    internal static FieldInfo[] FieldsOf(Type type, BindingFlags kind) =>
        s_fields.GetOrAdd((type, kind), static key =>
            [
                .. key
                    .Item1.GetFields(
                        key.Item2 | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    .Where(IsWatched),
            ]);

    /// <summary>
    /// The length of a struct that has more elements than fields (a fixed buffer, an inline array of numbers); 0 for
    /// others.
    /// </summary>
    internal static int BytesIn(Type type) =>
        s_bytes.GetOrAdd(type, static type =>
            (type.IsDefined(typeof(InlineArrayAttribute)) || type.IsDefined(typeof(UnsafeValueTypeAttribute)))
            && !HasReferences(type)
                ? RuntimeHelpers.SizeOf(type.TypeHandle)
                : 0);

    /// <summary>
    /// Whether an object's fields may be state: not those of the simulator, of reflection, and of threads.
    /// </summary>
    internal static bool IsWatched(object reference)
    {
        Type type = reference.GetType();
        if (reference is string or MemberInfo or Assembly or Module or System.Threading.Thread)
            return false;

        return type.IsArray || reference is Delegate || IsOwnCode(type) || IsCollection(type) || IsKnownSource(type);
    }

    /// <summary>Code of a scenario, a port or a module: neither the simulator's nor the framework's.</summary>
    internal static bool IsOwnCode(Type type) =>
        type.Assembly != typeof(OutsideTypes).Assembly
        && !IsFramework(type)
        && type.Assembly.GetName().Name?.StartsWith("xunit", StringComparison.Ordinal) != true;

    /// <summary>
    /// An assembly of somebody else's kernel code, all of whose static fields matter: not those of the program and its
    /// tests, which do other things too.
    /// </summary>
    internal static bool IsModule(AssemblyName assembly) =>
        assembly.Name is { } name && !Array.Exists(
            s_noModules, start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    internal static bool IsMadeByCompiler(Type type) => type.Name.StartsWith('<');

    internal static bool IsFramework(Type type) =>
        type.Namespace is { } name
        && (
            name == "System"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal));

    /// <summary>
    /// Two objects of the type that were made alike have the same in the same fields: not so in a framework's objects,
    /// which may go by addresses.
    /// </summary>
    internal static bool HasOwnOrder(Type type) =>
        !IsFramework(type)
        || (
            type.IsGenericType
            && type.GetGenericTypeDefinition() is var kind
            && (kind == typeof(List<>) || kind == typeof(Queue<>) || kind == typeof(Stack<>)));

    /// <summary>The name of a type, for people: Chance of <c>Chance`1</c>.</summary>
    internal static string NameOf(Type type) => type.Name.Split('`')[0];

    /// <summary>The objects that a value refers to, itself or by its fields.</summary>
    internal static IEnumerable<object> ReferencesIn(object? value)
    {
        if (value is null)
            return [];

        Type type = value.GetType();
        if (!type.IsValueType)
            return [value];

        return type.IsPrimitive || type.IsEnum
            ? []
            : FieldsOf(type, BindingFlags.Instance).SelectMany(field => ReferencesIn(field.GetValue(value)));
    }

    private static bool HasReferences(Type type) =>
        !type.IsValueType
        || (
            !type.IsPrimitive
            && !type.IsEnum
            && type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Any(field => HasReferences(field.FieldType)));

    private static bool IsCollection(Type type) =>
        type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true;

    // Objects of the framework whose fields change whenever they are asked, or that exist to be changed.
    private static bool IsKnownSource(Type type) =>
        typeof(Random).IsAssignableFrom(type) || type.FullName!.StartsWith("System.Random+", StringComparison.Ordinal)
        || type == typeof(System.Text.StringBuilder) || type == typeof(System.Diagnostics.Stopwatch)
        || type.Name.StartsWith(nameof(WeakReference), StringComparison.Ordinal)
        || type.Namespace is "System.IO" or "System.Threading" or "System.Runtime.CompilerServices"
        || type.BaseType is { } above && typeof(Stream).IsAssignableFrom(above);

    // Delegates that the compiler keeps for reuse, and whatever belongs to the simulator or has an address only.
    private static bool IsWatched(FieldInfo field) =>
        !field.Name.StartsWith("<>9", StringComparison.Ordinal)
        && !field.FieldType.IsPointer
        && !field.FieldType.IsByRefLike
        && !IsMadeWhenAsked(field)
        && !IsSimulator(field.FieldType);

    // A dictionary makes the collections of its keys and values when somebody wants them first.
    private static bool IsMadeWhenAsked(FieldInfo field) =>
        IsCollection(field.DeclaringType!)
        && (field.Name == "_syncRoot" || field.Name is "_keys" or "_values" && !field.FieldType.IsArray);

    private static bool IsSimulator(Type type) =>
        type.Assembly == typeof(OutsideTypes).Assembly
        && !type.IsGenericType
        && !type.IsDefined(typeof(CompilerGeneratedAttribute))
        && (!type.IsValueType || typeof(IKernel).IsAssignableFrom(type));
}
