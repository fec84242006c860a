using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Coroutines.Objects;

/// <summary>Asks the CPU for memory that is needed soon; nothing depends on whether it comes.</summary>
internal static unsafe class CacheLines
{
    private const int Length = 64;

    /// <summary>The line of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Prefetch<T>(ref T value)
    {
        // A hint, so it does no harm if the collector moves the value.
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref value));
    }

    /// <summary>The lines in which an object of some hundred bytes begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PrefetchObject(object target)
    {
        ref byte first = ref ObjectMemory.FirstByte(target);
        Prefetch(ref first);
        Prefetch(ref Unsafe.Add(ref first, Length));
    }
}
