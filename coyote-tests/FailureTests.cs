using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;

namespace Kmaplab.CoyoteTests;

public sealed class FailureTests
{
    private const uint ExecutionsMax = 2000;

    // What a strategy does not find in this budget. Of 20 000 executions the first needed 18 463; the others did not
    // come.
    private static readonly (string Failure, string Strategy)[] s_outOfReach =
    [
        ("exclusive-waiters", "probabilistic"),
        ("unlocked-lookup", "q-learning"),
        ("no-recheck", "q-learning"),
        ("unlocked-tlb-flush-repaired", "q-learning"),
    ];

    public static TheoryData<string> Failures { get; } = [.. Trials.Names(Trials.Failing)];

    public static TheoryData<string> FailuresInAnyOrder { get; } =
        [.. Trials.Names(Trials.Failing.Where(SimulatedEngine.FailsInSequence))];

    public static TheoryData<string, string> FailuresAndStrategies { get; } =
        [.. Trials.Names(Trials.Failing).SelectMany(WithEachStrategy).Except(s_outOfReach)];

    [Theory]
    [MemberData(nameof(FailuresAndStrategies))]
    public void Every_strategy_finds_every_failure_within_its_reach(string failure, string strategy)
    {
        Trial trial = Trials.Named(failure);

        CoyoteReport report = Explore(trial, strategy);

        Assert.NotNull(report.Finding);
        Assert.Contains(report.Finding.Class, trial.Shows);
        Assert.StartsWith($"{report.Finding.Class.Name()}: ", report.BugReport, StringComparison.Ordinal);
        Assert.Empty(report.UncontrolledInvocations);
    }

    /// <remarks>
    /// Depth first changes the end of an execution first: in this budget it never comes to other choices.
    /// </remarks>
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
    public void Both_engines_find_every_failure_and_name_it_alike(string failure)
    {
        Trial trial = Trials.Named(failure);

        FailedExecution? simulated = SimulatedEngine.Find(trial, seed: 1, ExecutionsMax);
        CoyoteReport coyote = Explore(trial, Strategies.Portfolio);
        Assert.NotNull(simulated);
        Assert.NotNull(coyote.Finding);
        Assert.Contains(simulated.Finding.Class, trial.Shows);
        Assert.Contains(coyote.Finding.Class, trial.Shows);
    }

    private static CoyoteReport Explore(Trial trial, string strategy) =>
        CoyoteExplorer.Run(trial.BootForCoyote(), Strategies.Configure(strategy, ExecutionsMax));

    private static IEnumerable<(string Failure, string Strategy)> WithEachStrategy(string failure) =>
        Strategies.Sampling.Select(strategy => (failure, strategy));
}
