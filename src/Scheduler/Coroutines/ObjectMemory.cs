using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Raw access to objects: needed for Debug builds only, where the compiler makes state machines classes.</summary>
internal static class ObjectMemory
{
    internal static object ShallowCopy(object original) => MemberwiseClone(original);

    internal static ref byte FirstByte(object target) => ref Unsafe.As<RawObject>(target).First;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object MemberwiseClone(object original);

    /// <summary>Lies over any object, so that the address of its first field can be taken.</summary>
    internal sealed class RawObject
    {
        internal byte First;
    }
}
