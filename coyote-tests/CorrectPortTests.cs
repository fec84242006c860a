using Kmaplab.CoyoteTests.Kernel;

namespace Kmaplab.CoyoteTests;

public sealed class CorrectPortTests
{
    private const uint Executions = 40;

    public static MatrixTheoryData<string, string> ScenariosAndStrategies { get; } = new(
        Trials.Names(Trials.Correct),
        Strategies.Sampling.Append(Strategies.DepthFirst));

    [Theory]
    [MemberData(nameof(ScenariosAndStrategies))]
    public void The_port_shows_nothing_and_nothing_escapes_Coyote(string scenario, string strategy)
    {
        CoyoteMachine machine = Trials.Named(scenario).BootForCoyote();

        CoyoteReport report = CoyoteExplorer.Run(machine, Strategies.Configure(strategy, Executions));

        Assert.Null(report.Finding);
        Assert.Equal(Executions, report.Executions);
        Assert.True(report.Steps > Executions, "the tasks did nothing");
        Assert.Empty(report.UncontrolledInvocations);
    }
}
