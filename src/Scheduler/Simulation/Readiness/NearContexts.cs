using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Readiness;

/// <summary>Brings the contexts of a machine that has more than the caches hold near before they step.</summary>
/// <remarks>
/// Who would follow references from a stack to its frames waits for each on the way. So where each stack stands is
/// noted here, in few lines, and nobody waits. It changes nothing.
/// </remarks>
internal sealed class NearContexts(int[] memory, KernelStack[] stacks)
{
    /// <summary>Contexts that the caches of a CPU hold easily.</summary>
    internal const int Least = 512;

    private readonly Place[] _places = new Place[stacks.Length];

    /// <summary>A context has come to its next operation.</summary>
    internal void Note(int context, Frame? top)
    {
        ref Place place = ref _places[context];
        if (place.Top != top)
            place.Top = top;
    }

    /// <summary>A context may step soon.</summary>
    internal void Bring(int context)
    {
        CacheLines.Prefetch(ref memory[TaskTable.StatusAddress(context)]);
        CacheLines.PrefetchObject(stacks[context]);
        if (_places[context].Top is { } top)
            CacheLines.PrefetchObject(top);
    }

    /// <summary>A context steps, and may return to its caller.</summary>
    internal void BringCaller(int context)
    {
        if (_places[context].Top?.Parent is { } caller)
            CacheLines.PrefetchObject(caller);
    }

    private struct Place
    {
        internal Frame? Top;
    }
}
