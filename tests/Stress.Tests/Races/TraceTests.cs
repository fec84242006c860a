using System.Threading;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Races;

/// <summary>The trace of a failure leaves no change out, and says where in the port each thing was done.</summary>
public class TraceTests
{
    private const ulong Seed = 1;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> Races => [.. s_catalogue.Races.Select(race => race.Name)];

    [Theory]
    [MemberData(nameof(Races))]
    public void The_changes_of_each_step_lead_from_the_memory_before_to_the_memory_after(string name)
    {
        (ExecutionTrace trace, MachineImage image, FailedExecution failed) = Trace(name);
        var memory = new MemoryLog();
        new Replay(new Machine(image), memory).Run(failed.Schedule, failed.Finding.Class);

        Assert.Equal(failed.Schedule.Length, trace.Steps.Count);
        foreach (TraceStep step in trace.Steps)
        {
            int[] words = memory.Before[step.Number - 1];
            IEnumerable<MemoryChange> changes = step.Operations.SelectMany(operation => operation.Changes);
            foreach (WordChange change in changes.SelectMany(change => change.Words))
            {
                Assert.Equal(words[change.Address], change.Before);
                words[change.Address] = change.After;
            }

            Assert.Equal(memory.After[step.Number - 1], words);
        }
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Between_two_steps_nothing_changes(string name)
    {
        (_, MachineImage image, FailedExecution failed) = Trace(name);
        var memory = new MemoryLog();
        new Replay(new Machine(image), memory).Run(failed.Schedule, failed.Finding.Class);

        Assert.Equal(memory.Before.Skip(1), memory.After.SkipLast(1));
    }

    // At an await the line is exact. Where plain code stands, the compiler at run time may not know any more.
    [Theory]
    [MemberData(nameof(Races))]
    public void Each_operation_of_the_port_has_a_line_in_the_port_or_in_the_variant(string name)
    {
        ExecutionTrace trace = Trace(name).Trace;
        int lines = 0;
        foreach (TraceOperation operation in trace.Steps.SelectMany(step => step.Operations))
        {
            bool isAtAwait = operation.Kind != OperationKind.None && !operation.IsFused;
            if (isAtAwait)
                Assert.NotNull(operation.Source);

            if (operation.Source is { } source)
            {
                Assert.NotEmpty(Folders(source.Path).Intersect(["Allocator", "Races", "Scenarios"]));
                Assert.True(source.Line > 0);
                lines++;
            }
        }

        Assert.True(lines > 0);
    }

    private static IEnumerable<string> Folders(string path) => path.Split('/', '\\').SkipLast(1);

    private static (ExecutionTrace Trace, MachineImage Image, FailedExecution Failed) Trace(string name)
    {
        RaceEntry race = s_catalogue.Race(name);
        FailedExecution failed = RaceSearch.Find(race, Seed, jobs: 1, CancellationToken.None)!.Failed;
        MachineImage image = race.Experiment.Boot();
        return (ExecutionTrace.Record(new Machine(image), failed.Schedule, failed.Finding.Class), image, failed);
    }

    /// <summary>Memory before and after each step.</summary>
    private sealed class MemoryLog : IExecutionObserver
    {
        internal List<int[]> Before { get; } = [];

        internal List<int[]> After { get; } = [];

        public void OnChosen(in SchedulingPoint point, Transition choice) => Before.Add([.. point.Machine.Memory]);

        public void OnPerformed(Machine machine, int step, Transition choice) => After.Add([.. machine.Memory]);
    }
}
