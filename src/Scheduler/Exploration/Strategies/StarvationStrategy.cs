using System.Numerics;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>Walks at random, but has windows in which some victims do not run as long as others can.</summary>
/// <remarks>
/// R. O'Callahan's chaos mode of rr, 2016: each task is a victim now and then, and windows are of all magnitudes, so
/// that one CPU stands still for as long as a bug needs it.
/// </remarks>
[Strategy("starve", "at random, with windows in which some tasks stand still")]
public sealed class StarvationStrategy(ulong seed) : BiasedStrategy(seed), IPointStrategy
{
    private const int VictimOutOf = 8;

    private bool[] _isVictim = [];
    private int _from;
    private int _to;

    /// <inheritdoc/>
    public override string Name => "starve";

    /// <inheritdoc/>
    protected override void Prepare(Machine machine) => DrawWindow(machine, after: 0);

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        if (Points > _to)
            DrawWindow(point.Machine, Points);

        if (Points < _from)
            return Next(point.Enabled.Length);

        int others = 0;
        foreach (Transition transition in point.Enabled)
            others += IsVictim(transition) ? 0 : 1;

        if (others == 0)
            return Next(point.Enabled.Length);

        int drawn = Next(others);
        for (int i = 0; ; i++)
        {
            if (!IsVictim(point.Enabled[i]) && drawn-- == 0)
                return i;
        }
    }

    /// <summary>The next window: who stands still, from which point on, and to which.</summary>
    private void DrawWindow(Machine machine, int after)
    {
        int tasks = machine.Tasks.Count;
        SizeForActors(ref _isVictim);
        Array.Clear(_isVictim);
        _isVictim[Next(tasks)] = true;
        for (int task = 0; task < tasks; task++)
            _isVictim[task] |= Next(VictimOutOf) == 0;

        _from = after + Magnitude();
        _to = _from + Magnitude();
    }

    /// <summary>From 1 to the length of an execution, all powers of two equally likely.</summary>
    private int Magnitude() => 1 << Next(BitOperations.Log2((uint)Length) + 1);

    private bool IsVictim(Transition transition) => _isVictim[ActorOf(transition)];
}
