using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification;

/// <summary>A schedule, run on a machine that was booted anew as far as it can be followed.</summary>
internal sealed class PathRun
{
    private readonly List<UInt128> _states = [];
    private readonly string? _change;

    internal PathRun(MachineImage image, ReadOnlySpan<Transition> schedule)
    {
        Machine = new Machine(image);
        Machine.Reset();
        IsWhole = true;
        _states.Add(Machine.StateHash());
        LastRunner last = LastRunner.Nobody;
        foreach (Transition transition in schedule)
        {
            ReadOnlySpan<Transition> enabled = Machine.Enabled();
            if (Machine.Finding is not null || !enabled.Contains(transition))
            {
                IsWhole = false;
                break;
            }

            Preemptions += last.IsPreemptedBy(transition, enabled) ? 1 : 0;
            last = last.After(transition);
            Machine.Perform(transition);
            _states.Add(Machine.StateHash());
            _change ??= image.Outside.FindChange();
        }

        Machine.CheckReached();
        _change ??= image.Outside.FindChange();
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
        if ((first._change ?? second._change) is { } change)
            return new Finding(FailureClass.Nondeterminism, change);

        return first._states.SequenceEqual(second._states) && first.Machine.Finding?.Class == second.Machine.Finding?.Class ? null : LeadsElsewhere;
    }

    /// <summary>A schedule that leads to one state now and to another then.</summary>
    internal static Finding LeadsElsewhere { get; } = new(
        FailureClass.Nondeterminism,
        "the same schedule led to another state when it was run again: the scenario depends on something outside the machine (a clock, a random number, an object that tasks share)");
}
