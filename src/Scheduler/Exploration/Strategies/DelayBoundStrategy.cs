using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Lets tasks run in turn, each until it cannot go on; at a few random points whose turn it is has to let the next one
/// go first.
/// </summary>
/// <remarks>
/// M. Emmi, S. Qadeer, Z. Rakamarić, "Delay-Bounded Scheduling", 2011, sampled: the number of delays, up to 6, and who
/// begins are drawn for each execution.
/// </remarks>
[Strategy(
    "delay",
    "everybody in turn, with delays at a few random points",
    Bound = "number of delays",
    BoundMax = DelaysMax)]
public sealed class DelayBoundStrategy : BiasedStrategy, IPointStrategy
{
    private const int DelaysMax = 6;

    private readonly int? _bound;
    private readonly int[] _delays = new int[DelaysMax];
    private int _count;
    private int _turn;

    /// <summary>A strategy that draws the number of delays for each execution.</summary>
    public DelayBoundStrategy(ulong seed)
        : base(seed)
    {
    }

    /// <summary>A strategy with so many delays.</summary>
    public DelayBoundStrategy(ulong seed, int delays)
        : base(seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delays);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delays, DelaysMax);
        _bound = delays;
    }

    /// <inheritdoc/>
    public override string Name => "delay";

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        _turn = Next(machine.Tasks.Count);
        _count = _bound ?? Next(DelaysMax + 1);
        for (int i = 0; i < _count; i++)
            _delays[i] = NextPoint();
    }

    /// <inheritdoc/>
    protected override void OnForced(Machine machine, Transition transition) => _turn = ActorOf(transition);

    /// <inheritdoc/>
    protected override void OnPreempted() => _turn = (_turn + 1) % Actors;

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        int best = NextInTurn(point, -1);
        for (int delays = _delays.AsSpan(0, _count).Count(Points); delays > 0; delays--)
        {
            int later = NextInTurn(point, Distance(point.Enabled[best]));
            best = later >= 0 ? later : NextInTurn(point, -1);
        }

        _turn = ActorOf(point.Enabled[best]);
        return HasOthers(point.Enabled[best]) ? PickOf(point, _turn) : best;
    }

    /// <summary>The first whose turn is later than that; -1 if there is none.</summary>
    private int NextInTurn(in SchedulingPoint point, int after)
    {
        int best = -1;
        int nearest = Actors;
        for (int i = 0; i < point.Enabled.Length; i++)
        {
            int distance = Distance(point.Enabled[i]);
            if (distance > after && distance < nearest)
                (best, nearest) = (i, distance);
        }

        return best;
    }

    private int Distance(Transition transition) => (ActorOf(transition) - _turn + Actors) % Actors;
}
