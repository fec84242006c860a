using System.Threading;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>
/// A trace is of copies of the kernel code that are not optimized: they do the same, and each moment has its line.
/// </summary>
public sealed class TracedLinesTests
{
    private static readonly Experiment s_churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve(
        "churn", "no-wakeup", new SizeRequest { Tasks = 4, Slots = 2, Rounds = 100 });

    public static TheoryData<string> Races => [.. ExplanationSamples.Races];

    [Fact]
    public void What_runs_often_has_a_line_for_every_change_and_makes_the_same_page_each_time()
    {
        Schedule schedule = Failing();
        Explanation first = Explain(schedule);

        Assert.All(
            first.Trace.Steps.SelectMany(step => step.Events).Where(IsOfKernel),
            happened => Assert.All(happened.Calls, call => Assert.NotNull(call.Source)));
        Assert.Equal(Page(first), Page(Explain(schedule)));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void The_copies_do_what_the_code_itself_does(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        var itself = ExecutionTrace.Record(
            new Machine(explanation.Experiment.Boot()),
            explanation.Schedule.Transitions,
            explanation.Schedule.Verdict,
            explanation.Schedule.Loop);

        Assert.NotSame(
            explanation.Experiment.Scenario.Definition, explanation.Experiment.Unoptimized().Scenario.Definition);
        Assert.Equal(explanation.Experiment.Build, explanation.Experiment.Unoptimized().Build);
        Assert.Equal(itself.Report.Finding, explanation.Trace.Report.Finding);
        Assert.Equal(itself.Steps.SelectMany(Without), explanation.Trace.Steps.SelectMany(Without));

        static IEnumerable<string> Without(TraceStep step) => step.Events.Select(happened =>
            $"{step.Number} {happened.Kind} {happened.Context} {happened.Function} {happened.Text} {happened.Result} "
            + $"{happened.Change} {happened.Woken}");
    }

    private static bool IsOfKernel(TraceEvent happened) =>
        happened.Kind == TraceEventKind.Operation || happened.Change?.Role == RegionRole.Kernel;

    // So many that the code itself is optimized by then.
    private static Schedule Failing()
    {
        var options = new ExplorerOptions { Executions = 1000, Jobs = 1, KeepGoing = true };
        FailedExecution failed = new Explorer(s_churn.Boot(), () => new RandomWalkStrategy(1), options)
            .Run(CancellationToken.None).First!;
        return s_churn.NewSchedule("random", 1).With(failed);
    }

    private static Explanation Explain(Schedule schedule) =>
        ExplanationOf.Schedule(s_churn, schedule, "long.schedule", CancellationToken.None);

    private static byte[] Page(Explanation explanation)
    {
        using var stream = new MemoryStream();
        PictureFormats.Html.Write(explanation, stream);
        return stream.ToArray();
    }
}
