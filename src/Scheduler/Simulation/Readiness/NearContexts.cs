using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Readiness;

/// <summary>Brings the contexts of a machine that has more than the caches hold near before they step.</summary>
/// <remarks>
/// Who would follow references from a stack to its frames waits for each on the way. So where each stack stands is
/// noted here, in few lines, and nobody waits. It changes nothing.
/// </remarks>
internal sealed class NearContexts
{
    private const int Least = 512; // Contexts that the caches of a CPU hold easily.

    private readonly int[] _memory;
    private readonly KernelStack[] _stacks;
    private readonly Place[] _places;

    private NearContexts(int[] memory, KernelStack[] stacks)
    {
        _memory = memory;
        _stacks = stacks;
        _places = new Place[stacks.Length];
    }

    /// <summary>
    /// For a machine that steps in this memory, and says which contexts are ready; null if there is no need.
    /// </summary>
    internal static NearContexts? For(int[] memory, TaskTable tasks, KernelStack[] stacks) =>
        memory.Length > 0 && tasks.Changes is not null && stacks.Length >= Least
            ? new NearContexts(memory, stacks)
            : null;

    /// <summary>A context has come to its next operation.</summary>
    internal void Note(int context, Frame? top)
    {
        ref Place place = ref _places[context];
        if (place.Top != top)
            place.Top = top;
    }

    /// <summary>
    /// A context is about to step, and may return to its caller; then another one may step, if it is not -1.
    /// </summary>
    internal void Bring(int next, int foreseen)
    {
        if (_places[next].Top?.Parent is { } caller)
            CacheLines.PrefetchObject(caller);

        if (foreseen < 0)
            return;

        CacheLines.Prefetch(ref _memory[TaskTable.StatusAddress(foreseen)]);
        CacheLines.PrefetchObject(_stacks[foreseen]);
        if (_places[foreseen].Top is { } top)
            CacheLines.PrefetchObject(top);
    }

    private struct Place
    {
        internal Frame? Top;
    }
}
