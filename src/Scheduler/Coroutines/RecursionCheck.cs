using System.Runtime.CompilerServices;
using System.Threading;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// Refuses endless recursion of kernel code while there is stack left to say so: the process would be gone without a
/// word.
/// </summary>
/// <remarks>
/// No exception may do that from down there: each caller would catch it and throw it again within its handler, which
/// takes even more stack. So calls that are too deep, and all others of the same step, are not made; the callers
/// return, and who has resumed the stack hears of it.
/// </remarks>
internal static class RecursionCheck
{
    /// <summary>
    /// What returns from suspended calls may take of the thread's own stack: enough for thousands of them. A thread has
    /// 1.5 MiB at least.
    /// </summary>
    internal const int ReturnBytes = 1 << 20;

    // Stacks that were refused and have not been told, over all threads: nearly always none, so nobody has to look
    // further.
    private static int s_refused;

    // To ask the runtime what is left takes longer than many calls. A recursion comes by each such place again, as no
    // call takes as much stack as a place is long; and the runtime says no while there is more left than from one place
    // to the next.
    private const nint BytesBetweenPlaces = 32 << 10;
    private const nint BytesOfPlace = 4 << 10;

    /// <summary>
    /// Whether a call must not be made, as there is too little of the thread's own stack left, or was in this step.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Refuses() =>
        (Here() & (BytesBetweenPlaces - 1)) < BytesOfPlace && !RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? Refuse()
            : Volatile.Read(ref s_refused) != 0 && IsRefused();

    /// <summary>
    /// Where the thread's own stack is now; it grows downwards. Cheaper than asking the runtime what is left of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe nint Here()
    {
        byte local = 0;
        return (nint)(&local);
    }

    /// <summary>Whether calls of a stack's step were not made; asked once, by who has resumed it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasRefused(KernelStack stack) => Volatile.Read(ref s_refused) != 0 && Forget(stack);

    /// <summary>What is said of such a step.</summary>
    internal static KernelMisuseException TooDeep() =>
        new(
            "its functions call each other without end, or so deep that the stack is full: bound the recursion (a "
            + "kernel's own stack has 4 or 8 KiB)");

    private static bool IsRefused() => FramePool.Current is { Running.IsRefused: true };

    /// <summary>Refuses a call, and all further ones of the step; true.</summary>
    internal static bool Refuse()
    {
        if (FramePool.Current?.Running is not { } stack)
            throw TooDeep(); // No simulated machine.

        if (!stack.IsRefused)
            Interlocked.Increment(ref s_refused);

        stack.IsRefused = true;
        return true;
    }

    private static bool Forget(KernelStack stack)
    {
        if (!stack.IsRefused)
            return false;

        stack.IsRefused = false;
        Interlocked.Decrement(ref s_refused);
        return true;
    }
}
