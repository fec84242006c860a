using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>A schedule, run on a machine that was booted anew as far as it can be followed.</summary>
internal sealed class PathRun
{
    private readonly StateTrail _trail = new(looksOutside: true);

    internal PathRun(MachineImage image, ReadOnlySpan<Transition> schedule)
    {
        Machine = new Machine(image);
        var counter = new PreemptionCounter();
        IsWhole = new Execution(Machine, observers: [_trail, counter]).Follow(new ReplayStrategy(schedule));
        Preemptions = counter.Preemptions;
        Machine.CheckReached();
        _trail.LookOutside(Machine);
    }

    /// <summary>The machine, at the end of the run.</summary>
    internal Machine Machine { get; }

    /// <summary>Every transition could happen.</summary>
    internal bool IsWhole { get; }

    /// <summary>How often a context was left that could have gone on.</summary>
    internal int Preemptions { get; }

    /// <summary>
    /// What shows that the code depends on something outside the machine: a change there, or that two runs differ; null
    /// if nothing does.
    /// </summary>
    internal static Finding? Difference(PathRun first, PathRun second)
    {
        if ((first._trail.Change ?? second._trail.Change) is { } change)
            return new Finding(FailureClass.Nondeterminism, change);

        bool isSame = first._trail.FindDifference(second._trail) < 0
            && first.Machine.Finding?.Class == second.Machine.Finding?.Class;
        return isSame ? null : LeadsElsewhere;
    }

    /// <summary>A schedule that leads to one state now and to another then.</summary>
    internal static Finding LeadsElsewhere { get; } =
        new(
            FailureClass.Nondeterminism,
            "the same schedule led to another state when it was run again: the scenario depends on something outside "
            + "the machine (a clock, a random number, an object that tasks share)");
}
