using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Coroutines.Source;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Where the values of a state machine lie, so that they can be hashed, compared and stored without boxing.
/// </summary>
/// <remarks>
/// Built once per state machine type. Only declared fields count, never the padding between them, so equal states have
/// equal bytes. A reference is refused unless it is to an object made at boot, or null whenever the frame is suspended.
/// </remarks>
internal sealed class FrameLayout
{
    private readonly Run[] _runs;
    private readonly int[] _names; // Where locals name something that may be renamed.
    private readonly int[] _references; // Where locals refer to objects made at boot.
    private readonly NullReference[] _nulls; // What must be null whenever the frame is suspended.
    private readonly FieldInfo[] _fields;

    private FrameLayout(Run[] runs, FieldInfo[] fields, int[] names, int[] references, NullReference[] nulls)
    {
        _runs = runs;
        _names = names;
        _references = references;
        _nulls = nulls;
        _fields = fields;
        ByteLength = runs.Sum(run => run.Length) + (references.Length * sizeof(int));
    }

    internal int ByteLength { get; }

    /// <summary>Whether there is anything for <see cref="RefusalOf"/> to look at.</summary>
    internal bool MayHoldException => _nulls.Length > 0;

    /// <summary>The layout of a state machine, or why it cannot have one.</summary>
    internal static (FrameLayout Layout, string? Refusal) TryOf(Type stateMachine)
    {
        var runs = new List<Run>();
        var names = new List<int>();
        var references = new List<int>();
        var nulls = new List<NullReference>();
        FieldInfo[] fields = stateMachine.GetFields(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        string? refusal = null;
        foreach (FieldInfo field in fields)
        {
            if (IsException(field))
                nulls.Add(
                    new NullReference(Offset(stateMachine, [field]), Refusal(stateMachine, field, field.FieldType)));
            else
                refusal ??= Collect(stateMachine, field, [field], runs, names, references);
        }

        return (new FrameLayout(Merge(runs), fields, [.. names], [.. references], [.. nulls]), refusal);
    }

    /// <summary>Why this state machine cannot be suspended as it is now; null if it can.</summary>
    internal string? RefusalOf(ref byte root)
    {
        foreach (NullReference reference in _nulls)
        {
            if (Unsafe.As<byte, object?>(ref Unsafe.AddByteOffset(ref root, reference.Offset)) is not null)
                return reference.Refusal;
        }

        return null;
    }

    /// <summary>Renames what locals name; <paramref name="numbers"/> has the new number of each.</summary>
    internal void Rename(ref byte root, ReadOnlySpan<int> numbers)
    {
        foreach (int offset in _names)
        {
            ref int number = ref Unsafe.As<byte, int>(ref Unsafe.AddByteOffset(ref root, offset));
            if ((uint)number < (uint)numbers.Length)
                number = numbers[number];
        }
    }

    /// <summary>Writes the values of all locals, and the numbers of the objects that they refer to.</summary>
    internal void Write(ref byte root, Span<byte> locals, KernelObjects objects, int typeIndex)
    {
        foreach (Run run in _runs)
        {
            ref byte source = ref Unsafe.AddByteOffset(ref root, run.Offset);
            MemoryMarshal.CreateReadOnlySpan(ref source, run.Length).CopyTo(locals);
            locals = locals[run.Length..];
        }

        int place = typeIndex;
        foreach (int offset in _references)
        {
            int number = objects.NumberOf(
                Unsafe.As<byte, object?>(ref Unsafe.AddByteOffset(ref root, offset)),
                place++);
            MemoryMarshal.Write(locals, number);
            locals = locals[sizeof(int)..];
        }
    }

    internal IEnumerable<(string Name, object Value)> Read(object stateMachine)
    {
        foreach (FieldInfo field in _fields)
        {
            if (field.FieldType.IsValueType && FunctionName.OfLocal(field.Name) is { } name)
                yield return (name, field.GetValue(stateMachine)!);
        }
    }

    /// <summary>The number of the await at which a state machine is suspended.</summary>
    internal int StateOf(object stateMachine) =>
        Array.Find(_fields, field => field.Name == "<>1__state")?.GetValue(stateMachine) is int state ? state : -1;

    // A Debug build keeps every named exception in a field until its function ends, needed or not; and both builds keep
    // one, as an object, that an awaiting finally is going to throw on. Between the awaits that is as harmless as on
    // any stack.
    private static bool IsException(FieldInfo field) =>
        field.FieldType.IsAssignableTo(typeof(Exception))
        || (field.FieldType == typeof(object) && FunctionName.OfLocal(field.Name) is null);

    // Adds where a field's values lie, or yields why they cannot be copied.
    private static string? Collect(
        Type stateMachine,
        FieldInfo local,
        FieldInfo[] path,
        List<Run> runs,
        List<int> names,
        List<int> references)
    {
        Type type = path[^1].FieldType;
        if (!type.IsValueType)
        {
            // `this` is an object made at boot. So is what a kernel, or a handle that has one, refers to.
            bool isThis = path.Length == 1 && local.Name == "<>4__this";
            if (isThis || type.IsDefined(typeof(KernelObjectAttribute), inherit: true))
            {
                // The simulator's own, by which a kernel finds its machine, are the same everywhere on it.
                if (type.Assembly != typeof(FrameLayout).Assembly || type.IsPublic)
                    references.Add(Offset(stateMachine, path));

                return null;
            }

            return Refusal(stateMachine, local, type);
        }

        if (type.IsPrimitive || type.IsEnum)
        {
            runs.Add(new Run(Offset(stateMachine, path), SizeOf(type)));
            if (path.Length > 1 && path[^2].FieldType.IsDefined(typeof(RenameableAttribute)))
                names.Add(runs[^1].Offset);

            return null;
        }

        if (type.GetCustomAttribute<InlineArrayAttribute>() is { } inline)
        {
            Type element = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)[
                0
            ].FieldType;
            if (!element.IsPrimitive)
                return Refusal(stateMachine, local, type);

            runs.Add(new Run(Offset(stateMachine, path), inline.Length * SizeOf(element)));
            return null;
        }

        // A fixed buffer has more elements than fields, and what has a length of its own may have anything behind them.
        bool isWhole = type.IsDefined(typeof(UnsafeValueTypeAttribute))
            || type.StructLayoutAttribute is { Value: LayoutKind.Explicit } or { Size: > 0 };
        if (isWhole && HasReferences(type))
            return Refusal(stateMachine, local, type);

        if (isWhole)
        {
            runs.Add(new Run(Offset(stateMachine, path), SizeOf(type)));
            runs = []; // Of its fields only names matter.
        }

        string? refusal = null;
        foreach (
            FieldInfo inner in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            refusal ??= Collect(stateMachine, local, [.. path, inner], runs, names, references);

        return refusal;
    }

    private static bool HasReferences(Type type) =>
        !type.IsPrimitive
        && !type.IsEnum
        && (
            !type.IsValueType
            || type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Any(field => HasReferences(field.FieldType)));

    private static string Refusal(Type stateMachine, FieldInfo local, Type type)
    {
        string what = FunctionName.OfLocal(local.Name) is { } name
            ? $"local '{name}'"
            : $"a temporary of the compiler ('{local.Name}')";
        string where = $"{Owner(stateMachine)}.{FunctionName.Of(stateMachine)}: {what}";
        if (IsException(local))
        {
            string kept = type == typeof(object) ? "an object (a caught exception?)" : "a caught exception";
            return $"{where} keeps {kept} across an await; a snapshot cannot copy that. Keep what it says, as a "
                + "value, or catch it in a function that awaits nothing afterwards.";
        }

        if (
            typeof(System.Threading.Tasks.Task).IsAssignableFrom(type)
            || local.Name.StartsWith("<>u__", StringComparison.Ordinal))
            return $"{FunctionName.Of(stateMachine)}() of {Owner(stateMachine)} awaits a {type.Name}: a task may "
                + "await kernel functions and the kernel's primitives only";

        return $"{where} keeps a reference to {type.Name} across an await; a snapshot cannot copy that. "
            + $"Keep a value or a handle instead, or mark {type.Name} [KernelObject] if it is made at boot and never "
            + "changes.";
    }

    private static string? Owner(Type stateMachine) => stateMachine.DeclaringType?.Name.Split('`')[0];

    private static Run[] Merge(List<Run> runs)
    {
        runs.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        var merged = new List<Run>();
        foreach (Run run in runs)
        {
            if (merged.Count > 0 && merged[^1].Offset + merged[^1].Length == run.Offset)
                merged[^1] = merged[^1] with { Length = merged[^1].Length + run.Length };
            else
                merged.Add(run);
        }

        return [.. merged];
    }

    // The runtime does not tell field offsets; the distance between two addresses does.
    private static int Offset(Type stateMachine, FieldInfo[] path)
    {
        var method = new DynamicMethod(
            "Offset",
            typeof(nint),
            [stateMachine.MakeByRefType()],
            typeof(FrameLayout).Module,
            skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        EmitRoot(il, stateMachine);
        foreach (FieldInfo step in path)
            il.Emit(OpCodes.Ldflda, step);

        EmitRoot(il, stateMachine);
        if (!stateMachine.IsValueType)
            il.Emit(
                OpCodes.Ldflda,
                typeof(ObjectMemory.RawObject).GetField("First", BindingFlags.Instance | BindingFlags.NonPublic)!);

        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Ret);
        Type shape = typeof(OffsetOf<>).MakeGenericType(stateMachine);
        MethodInfo measure = typeof(FrameLayout)
            .GetMethod(nameof(Measure), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(stateMachine);
        return (int)(nint)measure.Invoke(null, [method.CreateDelegate(shape)])!;
    }

    private static void EmitRoot(ILGenerator il, Type stateMachine)
    {
        il.Emit(OpCodes.Ldarg_0);
        if (!stateMachine.IsValueType)
            il.Emit(OpCodes.Ldind_Ref);
    }

    private static nint Measure<T>(OffsetOf<T> offset)
    {
        T blank = typeof(T).IsValueType ? default! : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        return offset(ref blank);
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private delegate nint OffsetOf<T>(ref T stateMachine);

    private readonly record struct Run(int Offset, int Length);

    private readonly record struct NullReference(int Offset, string Refusal);
}
