using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Runs a schedule again, step by step, and stops at the first step at which the machine does not follow it.
/// </summary>
/// <param name="machine">What is run.</param>
/// <param name="observers">Who is told of each step.</param>
public sealed class Replay(Machine machine, params IExecutionObserver[] observers)
{
    /// <summary>
    /// Runs the transitions from the machine's start; <paramref name="expected"/> is the class of failure at their end.
    /// </summary>
    /// <param name="transitions">What was chosen, in order.</param>
    /// <param name="expected">The class of failure; null if nothing was wrong.</param>
    /// <param name="loop">How many transitions at the end are an endless loop; 0 for none.</param>
    public ReplayReport Run(ReadOnlySpan<Transition> transitions, FailureClass? expected, int loop = 0)
    {
        if (expected == FailureClass.Nondeterminism)
            return RunTwice(transitions);

        var schedule = new ReplayStrategy(transitions);
        var endless = new LoopObserver(machine, transitions.Length - loop);
        var counter = new PreemptionCounter();
        var execution = new Execution(machine, observers: [endless, counter, .. observers]);
        if (!execution.Follow(schedule))
            return Diverged(execution.Steps, counter, schedule.Next, Obstacle(schedule.Next));

        if (loop > 0)
            endless.Conclude(expected);

        bool isOver = machine.Enabled().IsEmpty;
        machine.CheckReached();
        if (machine.Finding is null && !isOver && expected is not null)
            return Diverged(
                execution.Steps,
                counter,
                null,
                "the schedule is over, nothing has failed, and tasks can still run");

        return new ReplayReport
        {
            Finding = machine.Finding,
            Steps = execution.Steps,
            Preemptions = counter.Preemptions,
            Reproduced = machine.Finding?.Class == expected,
        };
    }

    private string Obstacle(Transition next) => machine.Finding is { } early
        ? $"{early.Class.Name()} before the end of the schedule: {early.FirstLine}"
        : $"transition {next} is not enabled";

    private ReplayReport Diverged(int steps, PreemptionCounter counter, Transition? expected, string reason) => new()
    {
        Finding = machine.Finding,
        Steps = steps,
        Preemptions = counter.Preemptions,
        Divergence = new Divergence(steps + 1, expected, machine.Enabled().ToArray(), reason),
    };

    private ReplayReport RunTwice(ReadOnlySpan<Transition> transitions)
    {
        Finding? finding = new DeterminismCheck(machine).Run(transitions);
        return new ReplayReport { Finding = finding, Steps = transitions.Length, Reproduced = finding is not null };
    }
}
