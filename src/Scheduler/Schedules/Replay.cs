using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Runs a schedule again, step by step, and stops at the first step at which the machine does not follow it.
/// </summary>
public sealed class Replay(Machine machine)
{
    /// <summary>Called before each step, with its index.</summary>
    public Action<int, Transition>? Before { get; set; }

    /// <summary>Called after each step, with its index.</summary>
    public Action<int, Transition>? After { get; set; }

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

        machine.Reset();
        var endless = new LoopCheck(machine);
        LastRunner last = LastRunner.Nobody;
        int preemptions = 0;
        for (int step = 0; step < transitions.Length; step++)
        {
            bool isInLoop = step >= transitions.Length - loop;
            ReadOnlySpan<Transition> enabled = machine.Enabled();
            if (Obstacle(enabled, transitions[step]) is { } reason)
                return Diverged(step, transitions[step], enabled, preemptions, reason);

            if (last.IsPreemptedBy(transitions[step], enabled))
                preemptions++;

            last = last.After(transitions[step]);

            if (isInLoop)
                endless.Before();

            Before?.Invoke(step, transitions[step]);
            machine.Perform(transitions[step]);
            if (isInLoop)
                endless.After(transitions[step]);

            After?.Invoke(step, transitions[step]);
        }

        if (loop > 0)
            endless.Conclude(expected);

        return Conclude(transitions.Length, preemptions, expected);
    }

    private ReplayReport Conclude(int steps, int preemptions, FailureClass? expected)
    {
        // The detectors may probe how the machine would go on; that is not part of the execution.
        ReadOnlySpan<Transition> enabled = machine.Enabled();
        machine.Observer = null;
        machine.CheckReached();
        if (machine.Finding is null && !enabled.IsEmpty && expected is not null)
            return Diverged(steps, null, enabled, preemptions, "the schedule is over, nothing has failed, and tasks can still run");

        return new ReplayReport
        {
            Finding = machine.Finding,
            Steps = steps,
            Preemptions = preemptions,
            Reproduced = machine.Finding?.Class == expected,
        };
    }

    private string? Obstacle(ReadOnlySpan<Transition> enabled, Transition next)
    {
        if (machine.Finding is { } early)
            return $"{early.Class.Name()} before the end of the schedule: {early.FirstLine}";

        return enabled.Contains(next) ? null : $"transition {next} is not enabled";
    }

    private ReplayReport Diverged(int step, Transition? expected, ReadOnlySpan<Transition> enabled, int preemptions, string reason) => new()
    {
        Finding = machine.Finding,
        Steps = step,
        Preemptions = preemptions,
        Divergence = new Divergence(step + 1, expected, enabled.ToArray(), reason),
    };

    private ReplayReport RunTwice(ReadOnlySpan<Transition> transitions)
    {
        Finding? finding = new DeterminismCheck(machine).Run(transitions);
        return new ReplayReport { Finding = finding, Steps = transitions.Length, Reproduced = finding is not null };
    }
}
