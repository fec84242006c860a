using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Coroutines.Objects;

/// <summary>
/// Raw access to objects: to those that are watched for changes, and in Debug builds, where the compiler makes state
/// machines classes, to frames.
/// </summary>
internal static unsafe class ObjectMemory
{
    private static readonly ConcurrentDictionary<Type, int> s_lengths = [];

    // Not an unsafe accessor: Coyote's tool cannot rewrite an assembly that has a method without a body.
    private static readonly Func<object, object> s_memberwiseClone = typeof(object)
        .GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<object, object>>();

    internal static object ShallowCopy(object original) => s_memberwiseClone(original);

    internal static ref byte FirstByte(object target) => ref Unsafe.As<RawObject>(target).First;

    /// <summary>
    /// Whether an object has the same bits as a copy of it, without allocating anything. References that differ may
    /// still be to what has only been moved.
    /// </summary>
    internal static bool HasSameBits(object original, object copy)
    {
        int length = LengthOf(original);
        return MemoryMarshal
            .CreateReadOnlySpan(ref FirstField(original), length)
            .SequenceEqual(MemoryMarshal.CreateReadOnlySpan(ref FirstField(copy), length));
    }

    /// <summary>The bytes that an object's fields, or an array's elements, take.</summary>
    internal static int LengthOf(object target)
    {
        Type type = target.GetType();
        if (!s_lengths.TryGetValue(type, out int length))
            length = s_lengths.GetOrAdd(
                type,
                type.IsArray ? RuntimeHelpers.SizeOf(type.GetElementType()!.TypeHandle) : MeasureFields(type, target));

        return target is Array array ? array.Length * length : length;
    }

    private static ref byte FirstField(object target) =>
        ref target is Array array ? ref MemoryMarshal.GetArrayDataReference(array) : ref FirstByte(target);

    // The runtime does not tell where fields lie; how far the end of the last one is from the start of the object does.
    private static int MeasureFields(Type type, object example)
    {
        var method = new DynamicMethod(
            "EndOfFields",
            typeof(nint),
            [typeof(object)],
            typeof(ObjectMemory).Module,
            skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldc_I4_0);
        code.Emit(OpCodes.Conv_I);
        for (
            Type? declaring = type;
            declaring is not null && declaring != typeof(object);
            declaring = declaring.BaseType)
        {
            foreach (
                FieldInfo field in declaring.GetFields(
                    BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Castclass, declaring);
                code.Emit(OpCodes.Ldflda, field);
                code.Emit(OpCodes.Conv_I);
                code.Emit(OpCodes.Sizeof, field.FieldType);
                code.Emit(OpCodes.Add);
                code.Emit(OpCodes.Call, ((Func<nint, nint, nint>)Math.Max).Method);
            }
        }

        code.Emit(OpCodes.Ret);
        Func<object, nint> endOfFields = method.CreateDelegate<Func<object, nint>>();
        fixed (byte* start = &FirstByte(example)) // So that it stays where it is meanwhile.
            return (int)Math.Max(0, endOfFields(example) - (nint)start);
    }

    /// <summary>Lies over any object, so that the address of its first field can be taken.</summary>
    internal sealed class RawObject
    {
        internal byte First;
    }
}
