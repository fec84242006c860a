using System.Threading;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>What the threads of one search share.</summary>
internal sealed class SharedSearch(MachineImage image, VerifierOptions options)
{
    private readonly Action<int[]>[] _canonicalizers = options.Symmetry ? image.Canonicalizers : [];
    private int _states = 1;

    internal bool IsExact => options.IsExact;

    internal IVisitedSet Visited { get; } = options.IsExact ? new ExactVisitedSet() : new VisitedSet(isShared: options.Jobs > 1);

    internal FrameStore Frames { get; } = new();

    internal SearchTree Tree { get; } = new(isShared: options.Jobs > 1) { KeepsFirst = options.IsDepthFirst };

    internal StateGraph? Graph { get; } = options.Liveness ? new StateGraph() : null;

    internal MemoryBudget Budget { get; } = new(options.MemoryMax, options.SpillDirectory);

    /// <summary>Distinct states so far.</summary>
    internal int States => Volatile.Read(ref _states);

    /// <summary>The search must stop: too many states, or the tables have filled the memory.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>Like tasks are taken for the same. Not for liveness, which must know who is who.</summary>
    internal bool HasTaskSymmetry { get; } = options.Symmetry && !options.Liveness && image.Interchangeable.Length > 0;

    /// <summary>Replaces a state by the one that stands for all that differ from it only in the names of interchangeable things.</summary>
    internal void Canonicalize(int[] memory)
    {
        foreach (Action<int[]> canonicalize in _canonicalizers)
            canonicalize(memory);
    }

    internal void CountNew(int number)
    {
        int states = Interlocked.Increment(ref _states);
        if (states >= options.StatesMax)
            IsFull = true;

        if ((states & 0xFFFF) == 0)
        {
            Budget.Tables = TableBytes;
            IsFull |= Budget.Tables > options.MemoryMax;
        }
    }

    internal long TableBytes => Visited.Bytes + Tree.Bytes;
}
