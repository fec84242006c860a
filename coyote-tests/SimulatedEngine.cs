using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.CoyoteTests;

/// <summary>The other engine: the simulated machine, on this thread.</summary>
internal static class SimulatedEngine
{
    private const int StepsMax = 100_000;

    private static readonly ScheduleText s_text = new("kmaplab");

    /// <summary>Runs random executions until one fails; null if none of so many does.</summary>
    public static FailedExecution? Find(Trial trial, ulong seed, long executions)
    {
        var execution = new Execution(trial.BootSimulated(), StepsMax);
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
        Machine machine = trial.BootSimulated();
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
        var execution = new Execution(trial.BootSimulated(), StepsMax);
        execution.Run(new RandomWalkStrategy(seed), execution: 1);
        return [.. execution.Schedule];
    }

    /// <summary>
    /// Runs a schedule as it comes out of its file; the machine must follow it to its end, and end as it says.
    /// </summary>
    public static ReplayReport Replay(Trial trial, Schedule schedule)
    {
        Schedule read = s_text.Parse(s_text.Format(schedule), "the schedule");
        Machine machine = trial.BootSimulated();

        ReplayReport report = new Replay(machine).Run(read.Transitions, read.Verdict);

        Assert.Null(report.Divergence);
        Assert.True(report.Reproduced, $"{trial}: the schedule says {read.Verdict}, the machine {report.Finding}");
        Assert.True(report.Finding is not null || machine.Enabled().IsEmpty, $"{trial}: tasks can still run");
        return report;
    }
}
