using System.Runtime.CompilerServices;
using System.Threading;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Leads from the code that the compiler writes to who watches the calls of the running machine.</summary>
/// <remarks>
/// A thread that has never stepped a simulated machine, as the tasks of a machine of threads, has no pool; its calls
/// are nobody's business, whoever is watched elsewhere in the process.
/// </remarks>
internal static class CallWatching
{
    // Pools whose calls are watched, over all threads: nearly always none, so nobody has to look further.
    private static int s_watched;

    /// <summary>Whether calls of any machine are watched.</summary>
    internal static bool IsOn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref s_watched) != 0;
    }

    /// <summary>A pool has got an observer, or has none any more.</summary>
    internal static void Count(ICallObserver? before, ICallObserver? after) =>
        Interlocked.Add(ref s_watched, (after is null ? 0 : 1) - (before is null ? 0 : 1));

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Called(Type stateMachine) => FramePool.Current?.CallObserver?.OnCalled(stateMachine);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Returned(object? result) => FramePool.Current?.CallObserver?.OnReturned(result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Thrown(Exception exception) => FramePool.Current?.CallObserver?.OnThrown(exception);
}
