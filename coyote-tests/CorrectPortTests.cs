namespace Kmaplab.CoyoteTests;

public sealed class CorrectPortTests
{
    private const uint Executions = 40;

    public static MatrixTheoryData<string, string> ScenariosAndStrategies { get; } = new(
        Trials.Names(Trials.Correct),
        Strategies.Sampling.Append(Strategies.DepthFirst));

    public static TheoryData<string> Harmless { get; } = [.. Trials.Names(Trials.Harmless)];

    [Theory]
    [MemberData(nameof(ScenariosAndStrategies))]
    public void The_port_shows_nothing_and_nothing_escapes_Coyote(string scenario, string strategy)
    {
        CoyoteReport report = Explore(scenario, strategy);

        Assert.Null(report.Finding);
        Assert.Equal(Executions, report.Executions);
        Assert.True(report.Steps > Executions, "the tasks did nothing");
        Assert.Empty(report.UncontrolledInvocations);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Neither_a_harmless_change_nor_the_port_where_a_variant_fails_is_reported(string trial)
    {
        CoyoteReport report = Explore(trial, Strategies.Portfolio);

        Assert.Null(report.Finding);
        Assert.Equal(Executions, report.Executions);
    }

    private static CoyoteReport Explore(string trial, string strategy) =>
        CoyoteExplorer.Run(Trials.Named(trial).BootForCoyote(), Strategies.Configure(strategy, Executions));
}
