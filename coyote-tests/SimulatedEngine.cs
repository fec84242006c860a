using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.CoyoteTests;

/// <summary>The other engine: the simulated machine, on this thread.</summary>
internal static class SimulatedEngine
{
    private const int StepsMax = 100_000;

    /// <summary>Runs random executions until one fails; null if none of so many does.</summary>
    public static FailedExecution? Find(Trial trial, ulong seed, long executions)
    {
        var execution = new Execution(new Machine(trial.BootSimulated()), StepsMax);
        var strategy = new RandomWalkStrategy(seed);
        for (long number = 1; number <= executions; number++)
        {
            execution.Run(strategy, number);
            if (execution.Finding is { } finding)
                return new FailedExecution(number, finding, [.. execution.Schedule]);
        }

        return null;
    }

    /// <summary>Whether it fails when each task runs as far as it can, and then the next.</summary>
    public static bool FailsInSequence(Trial trial)
    {
        var machine = new Machine(trial.BootSimulated());
        machine.Reset();
        while (machine.Finding is null && !machine.Enabled().IsEmpty)
            machine.Perform(machine.Enabled()[0]);

        if (machine.Finding is null)
            machine.Conclude();

        return machine.Finding is not null;
    }

    /// <summary>The schedule of one random execution, whatever it shows.</summary>
    public static Transition[] Walk(Trial trial, ulong seed)
    {
        var execution = new Execution(new Machine(trial.BootSimulated()), StepsMax);
        execution.Run(new RandomWalkStrategy(seed), execution: 1);
        return [.. execution.Schedule];
    }

    /// <summary>Runs a schedule, step by step, to its end; the machine must then have failed or be at rest.</summary>
    public static Finding? Replay(Trial trial, IReadOnlyList<Transition> schedule)
    {
        var machine = new Machine(trial.BootSimulated());
        machine.Reset();
        for (int step = 0; step < schedule.Count; step++)
        {
            string can = machine.Finding?.Message ?? string.Join(' ', machine.Enabled().ToArray());
            bool isPossible = machine.Finding is null && machine.Enabled().Contains(schedule[step]);
            Assert.True(isPossible, $"{trial}: step {step} of {schedule.Count} cannot be {schedule[step]}: {can}");
            machine.Perform(schedule[step]);
        }

        if (machine.Finding is null)
        {
            Assert.True(machine.Enabled().IsEmpty, $"{trial}: after {schedule.Count} steps nothing has failed, and tasks can still run");
            machine.Conclude();
        }

        return machine.Finding;
    }
}
