using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>Makes of a schedule of a machine that fuses one of a machine that does not.</summary>
internal sealed class Unfusing : IExecutionObserver
{
    private readonly List<Transition> _schedule = [];
    private int _fused; // Operations without a step of their own, so far.

    private Unfusing()
    {
    }

    /// <summary>The schedule with a step for every operation; for an image that fuses.</summary>
    internal static Transition[] Of(MachineImage image, ReadOnlySpan<Transition> schedule)
    {
        var unfusing = new Unfusing();
        new Execution(new Machine(image), observers: unfusing).Follow(new ReplayStrategy(schedule));
        return [.. unfusing._schedule];
    }

    public void OnChosen(in SchedulingPoint point, Transition choice) => _fused = point.Machine.Fusion.FusedOperations;

    public void OnPerformed(Machine machine, int step, Transition choice)
    {
        int after = machine.Finding is null ? machine.Fusion.FusedOperations : machine.FusedAtFinding;
        _schedule.Add(choice);
        _schedule.AddRange(Enumerable.Repeat(Transition.Step(choice.Subject), after - _fused));
    }
}
