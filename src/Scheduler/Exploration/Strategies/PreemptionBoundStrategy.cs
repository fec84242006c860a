using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Lets a task run until it cannot go on, and then any other; at a few random points it is left although it could.
/// </summary>
/// <remarks>
/// M. Musuvathi, S. Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", 2007,
/// sampled: the number of preemptions, up to 4, is drawn for each execution.
/// </remarks>
[Strategy(
    "preemptions",
    "each until it cannot go on, with preemptions at a few random points",
    Bound = "number of preemptions",
    BoundMax = PreemptionsMax)]
public sealed class PreemptionBoundStrategy : BiasedStrategy, IPointStrategy
{
    private const int PreemptionsMax = 4;

    private readonly int? _bound;
    private readonly int[] _preemptions = new int[PreemptionsMax];
    private int _count;
    private int _last;

    /// <summary>A strategy that draws the number of preemptions for each execution.</summary>
    public PreemptionBoundStrategy(ulong seed)
        : base(seed)
    {
    }

    /// <summary>A strategy with so many preemptions.</summary>
    public PreemptionBoundStrategy(ulong seed, int preemptions)
        : base(seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(preemptions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(preemptions, PreemptionsMax);
        _bound = preemptions;
    }

    /// <inheritdoc/>
    public override string Name => "preemptions";

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        _last = -1;
        _count = _bound ?? Next(PreemptionsMax + 1);
        for (int i = 0; i < _count; i++)
            _preemptions[i] = NextPoint();
    }

    /// <inheritdoc/>
    protected override void OnForced(Machine machine, Transition transition) => _last = ActorOf(transition);

    /// <inheritdoc/>
    protected override void OnPreempted() => _last = -1;

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        int others = 0;
        foreach (Transition transition in point.Enabled)
            others += ActorOf(transition) == _last ? 0 : 1;

        bool canStay = others < point.Enabled.Length;
        if (canStay && (others == 0 || !_preemptions.AsSpan(0, _count).Contains(Points)))
            return PickOf(point, _last);

        int drawn = Next(others);
        for (int i = 0; ; i++)
        {
            int actor = ActorOf(point.Enabled[i]);
            if (actor == _last || drawn-- > 0)
                continue;

            _last = actor;
            return i;
        }
    }
}
