using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.CoyoteTests;

public sealed class FailureTests
{
    private const uint ExecutionsMax = 2000;

    public static TheoryData<string> Failures { get; } = [.. Trials.Failing.Where(trial => trial.Refusal() is null).Select(trial => trial.Name)];

    public static MatrixTheoryData<string, string> FailuresAndStrategies { get; } = new(
        Trials.Failing.Where(trial => trial.Refusal() is null).Select(trial => trial.Name), Strategies.Sampling.Append("dfs"));

    [Theory]
    [MemberData(nameof(FailuresAndStrategies))]
    public void Every_strategy_finds_every_failure(string failure, string strategy)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport report = CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure(strategy, ExecutionsMax));

        Console.WriteLine($"FOUND {failure} {strategy} {report.Executions} {report.Finding?.Class}");
        Assert.NotNull(report.Finding);
        Assert.Contains(report.Finding.Class, trial.Shows);
        Assert.StartsWith($"{report.Finding.Class.Name()}: ", report.BugReport, StringComparison.Ordinal);
        Assert.Empty(report.UncontrolledInvocations);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Both_engines_name_the_same_failure(string failure)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport coyote = CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure(Strategies.Portfolio, ExecutionsMax));
        FailedExecution? simulated = SimulatedEngine.Find(trial, seed: 1, ExecutionsMax);

        Assert.NotNull(simulated);
        Assert.Equal(simulated.Finding.Class, coyote.Finding?.Class);
    }
}
