using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Gives each pending operation a random priority, and performs the one with the highest; those that it races with draw
/// again.
/// </summary>
/// <remarks>
/// X. Yuan, J. Yang, R. Gu, "Partial Order Aware Concurrency Sampling", 2018. So orders of operations that cannot see
/// each other do not use up the executions.
/// </remarks>
[Strategy("pos", "the highest of random priorities of operations, drawn again after a race")]
public sealed class PosStrategy(ulong seed) : BiasedStrategy(seed), IPointStrategy
{
    private uint[] _priorities = []; // 0: not drawn yet.

    /// <inheritdoc/>
    public override string Name => "pos";

    /// <inheritdoc/>
    public override bool IsIndependent => true;

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        SizeForActors(ref _priorities, FewPriorities.Max);
        Array.Clear(_priorities);
    }

    /// <inheritdoc/>
    protected override void OnForced(Machine machine, Transition transition) => _priorities[ActorOf(transition)] = 0;

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        if (point.IsOfFew)
            return PickOfFew(point.Cells!);

        int best = 0;
        uint highest = 0;
        ReadOnlySpan<Transition> enabled = point.Enabled;
        for (int i = 0; i < enabled.Length; i++)
        {
            ref uint priority = ref _priorities[ActorOf(enabled[i])];
            if (priority == 0)
                priority = NextUInt32() | 1;

            if (priority > highest)
                (best, highest) = (i, priority);
        }

        Transition transition = enabled[best];
        int actor = ActorOf(transition);
        if (HasOthers(transition))
            best = PickOf(point, actor);

        _priorities[actor] = 0;
        PendingAccess access = point.AccessOf(transition);
        if (access is { Object: PendingAccess.Nothing, Sleep: SleepPart.None })
            return best;

        foreach (Transition other in enabled)
        {
            if (point.Races(access, other))
                _priorities[ActorOf(other)] = 0;
        }

        return best;
    }

    /// <summary>The same, where one look is enough.</summary>
    private int PickOfFew(CellLooks cells)
    {
        int picked = FewPriorities.DrawHighest(_priorities, (uint)cells.Ready, ref Random);
        ulong racers = cells.RacersWith(cells.AccessOf(picked));
        FewPriorities.Forget(_priorities, (uint)racers | (1u << picked));
        return cells.IndexOf(picked);
    }
}
