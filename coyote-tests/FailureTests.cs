using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.CoyoteTests;

public sealed class FailureTests
{
    private const uint ExecutionsMax = 2000;

    public static TheoryData<string> Failures { get; } = [.. Trials.Names(Trials.Failing)];

    public static TheoryData<string> FailuresInAnyOrder { get; } =
        [.. Trials.Names(Trials.Failing.Where(SimulatedEngine.FailsInSequence))];

    public static MatrixTheoryData<string, string> FailuresAndStrategies { get; } = new(Trials.Names(Trials.Failing), Strategies.Sampling);

    [Theory]
    [MemberData(nameof(FailuresAndStrategies))]
    public void Every_strategy_finds_every_failure(string failure, string strategy)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport report = Explore(trial, strategy);

        Assert.NotNull(report.Finding);
        Assert.Contains(report.Finding.Class, trial.Shows);
        Assert.StartsWith($"{report.Finding.Class.Name()}: ", report.BugReport, StringComparison.Ordinal);
        Assert.Empty(report.UncontrolledInvocations);
    }

    /// <remarks>Depth first changes the end of an execution first: in this budget it never comes to other choices.</remarks>
    [Theory]
    [MemberData(nameof(FailuresInAnyOrder))]
    public void Depth_first_finds_what_fails_even_if_tasks_run_one_after_the_other(string failure)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport report = Explore(trial, Strategies.DepthFirst);

        Assert.NotNull(report.Finding);
        Assert.Contains(report.Finding.Class, trial.Shows);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Both_engines_name_the_same_failure(string failure)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport coyote = Explore(trial, Strategies.Portfolio);
        FailedExecution? simulated = SimulatedEngine.Find(trial, seed: 1, ExecutionsMax);

        Assert.NotNull(simulated);
        Assert.Equal(simulated.Finding.Class, coyote.Finding?.Class);
    }

    private static CoyoteReport Explore(Trial trial, string strategy) =>
        CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure(strategy, ExecutionsMax));
}
