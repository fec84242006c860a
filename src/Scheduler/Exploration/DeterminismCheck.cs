using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Runs a schedule twice and compares every state on the way.</summary>
/// <remarks>
/// A scenario that reads a clock, iterates over hashes or keeps state outside kernel memory behaves differently the
/// second time; then no schedule of it means anything.
/// </remarks>
public sealed class DeterminismCheck(Machine machine)
{
    private readonly List<UInt128> _states = [];

    /// <summary>A finding of class nondeterminism, or null if both runs went through the same states.</summary>
    public Finding? Run(ReadOnlySpan<Transition> schedule)
    {
        _states.Clear();
        Finding? first = Replay(schedule, compare: false);
        return first ?? Replay(schedule, compare: true);
    }

    /// <summary>
    /// The same for a machine that has just run the schedule: both further runs must end where it stands.
    /// </summary>
    internal Finding? RunAgain(ReadOnlySpan<Transition> schedule)
    {
        UInt128 end = machine.StateHash();
        return Run(schedule) ?? (_states[^1] == end ? null : Different(schedule.Length, "the same schedule led to another state"));
    }

    /// <summary>What the machine was booted from.</summary>
    internal MachineImage Image => machine.Image;

    private Finding? Replay(ReadOnlySpan<Transition> schedule, bool compare)
    {
        machine.Reset();
        for (int step = 0; step <= schedule.Length; step++)
        {
            UInt128 state = machine.StateHash();
            if (!compare)
                _states.Add(state);
            else if (_states[step] != state)
                return Different(step, "the same schedule led to another state");

            if (machine.Image.Outside.FindChange() is { } change)
                return new Finding(FailureClass.Nondeterminism, $"at step {step} {change}");

            if (step == schedule.Length)
                break;

            if (!machine.Enabled().Contains(schedule[step]))
                return Different(step, $"transition {schedule[step]} of the recorded schedule is not enabled");

            machine.Perform(schedule[step]);
        }

        return null;
    }

    private static Finding Different(int step, string what) => new(
        FailureClass.Nondeterminism,
        $"at step {step} {what}: the scenario depends on something outside the machine (a clock, a random number, a mutable field)");
}
