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
    private readonly ReplayStrategy _schedule = new();
    private readonly StateTrail _first = new(looksOutside: true);
    private readonly StateTrail _second = new(looksOutside: true);

    /// <summary>A finding of class nondeterminism, or null if both runs went through the same states.</summary>
    public Finding? Run(ReadOnlySpan<Transition> schedule)
    {
        _schedule.Load(schedule);
        if (Follow(_first) is { } finding)
            return finding;

        bool hasStopped = !Follows(_second) && machine.Finding is null;
        int step = _first.FindDifference(_second);
        if (_second.Change is { } change && (step < 0 || _second.ChangedAt <= step))
            return Changed(_second, change);

        if (step < 0)
            return null;

        return hasStopped && step > _schedule.Position
            ? Different(_schedule.Position, NotEnabled())
            : Different(step, OtherState);
    }

    /// <summary>
    /// The same for a schedule that was run before: both further runs must end in the state in which it did.
    /// </summary>
    internal Finding? RunAgain(ReadOnlySpan<Transition> schedule, UInt128 end) =>
        Run(schedule) ?? (_first.States[^1] == end ? null : Different(schedule.Length, OtherState));

    /// <summary>What the machine was booted from.</summary>
    internal MachineImage Image => machine.Image;

    private const string OtherState = "the same schedule led to another state";

    private Finding? Follow(StateTrail trail)
    {
        bool isWhole = Follows(trail);
        if (trail.Change is { } change)
            return Changed(trail, change);

        // What was found before the end is found again, or is a difference.
        return isWhole || machine.Finding is not null ? null : Different(_schedule.Position, NotEnabled());
    }

    private bool Follows(StateTrail trail) => new Execution(machine, observers: trail).Follow(_schedule);

    private string NotEnabled() => $"transition {_schedule.Next} of the recorded schedule is not enabled";

    private static Finding Changed(StateTrail trail, string change) =>
        new(FailureClass.Nondeterminism, $"at step {trail.ChangedAt} {change}");

    private static Finding Different(int step, string what) =>
        new(
            FailureClass.Nondeterminism,
            $"at step {step} {what}: the scenario depends on something outside the machine (a clock, a random number, "
            + "a mutable field)");
}
