using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Runs whoever has the highest of random priorities; at a few random points who would run next falls below all
/// others.
/// </summary>
/// <remarks>
/// S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
/// Finding Bugs", 2010: a bug of depth d, among n tasks and k points, is found with a probability of at least 1 in n
/// k^(d-1). The depth is drawn for each execution, as one that is too great finds less; only points with a choice are
/// counted.
/// </remarks>
[Strategy(
    "pct",
    "the highest of random priorities, some of which fall at random points",
    Bound = "depth",
    BoundMin = 1,
    BoundMax = DepthMax)]
public sealed class PctStrategy : BiasedStrategy, IPointStrategy
{
    internal const int DepthMax = 6;

    private const uint Base = 1u << 31; // Above all priorities that have fallen.

    private uint[] _priorities = [];
    private readonly int[] _changes = new int[DepthMax - 1];
    private int _left;

    /// <summary>A strategy whose depth is drawn for each execution.</summary>
    public PctStrategy(ulong seed)
        : base(seed)
    {
    }

    /// <summary>A strategy of one depth, from 1 to 6.</summary>
    public PctStrategy(ulong seed, int depth)
        : base(seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, DepthMax);
        Depth = depth;
    }

    /// <summary>The depth of all executions; null if it is drawn for each.</summary>
    internal int? Depth { get; }

    /// <inheritdoc/>
    public override string Name => "pct";

    /// <inheritdoc/>
    protected override bool PicksPreemptions => true;

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        SizeForActors(ref _priorities);
        for (int actor = 0; actor < Actors; actor++)
            _priorities[actor] = NextUInt32() | Base;

        int depth = Depth ?? 1 + Next(DepthMax);
        _left = Math.Min(depth - 1, Length);
        for (int i = 0; i < _left; i++)
        {
            do
            {
                _changes[i] = NextPoint();
            }
            while (_changes.AsSpan(0, i).Contains(_changes[i]));
        }
    }

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        int best = Highest(point);
        int change = _changes.AsSpan(0, _left).IndexOf(Points);
        if (change >= 0 && point.Enabled[best].Kind != TransitionKind.Preempt)
        {
            _priorities[ActorOf(point.Enabled[best])] = (uint)change + 1;
            best = Highest(point);
        }

        Transition transition = point.Enabled[best];
        return HasOthers(transition) ? PickOf(point, ActorOf(transition)) : best;
    }

    private int Highest(in SchedulingPoint point)
    {
        int best = 0;
        uint highest = 0;
        for (int i = 0; i < point.Enabled.Length; i++)
        {
            uint priority = point.Enabled[i].Kind == TransitionKind.Preempt
                ? PriorityOfPreemption(point.Machine, point.Enabled[i].Subject)
                : _priorities[ActorOf(point.Enabled[i])];
            if (priority > highest)
                (best, highest) = (i, priority);
        }

        return best;
    }

    /// <summary>A task takes a CPU away from one with a lower priority.</summary>
    private uint PriorityOfPreemption(Machine machine, int cpu)
    {
        uint highest = _priorities[machine.Cpus.Current(cpu)];
        uint preempted = highest;
        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            if (machine.Tasks.Status(task) == ContextStatus.Runnable && machine.Tasks.Cpu(task) < 0)
                highest = Math.Max(highest, _priorities[task]);
        }

        return highest == preempted ? 0 : highest;
    }
}
