using System.Text.Json;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>For which sizes barging newcomers can keep a sleeper waiting for ever.</summary>
public sealed class StarvationTests : CommandLineTest
{
    [Fact]
    public void A_sleeper_can_starve_exactly_where_tasks_outnumber_slots()
    {
        JsonElement report = RunForJson(ExitCode.Clean, "frontier", "--starvation", "--tasks-max", "3");

        Assert.True(report.GetProperty("complete").GetBoolean());
        JsonElement[] cells = [.. report.GetProperty("cells").EnumerateArray()];
        Assert.Equal(9, cells.Length);
        Assert.All(cells, cell =>
        {
            bool outnumber = cell.GetProperty("tasks").GetInt32() > cell.GetProperty("slots").GetInt32();
            Assert.Equal(outnumber ? "starvation" : "free", cell.GetProperty("verdict").GetString());
        });
    }

    [Fact]
    public void A_map_that_is_not_finished_says_so() =>
        Assert.Equal(
            ExitCode.NoAnswer,
            Run("frontier", "--starvation", "--tasks-max", "3", "--slots-max", "1", "--max-states", "100"));

    [Theory]
    [InlineData(2, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(3, 1, true)]
    [InlineData(3, 1, false)]
    [InlineData(3, 2, true)]
    [InlineData(3, 2, false)]
    [InlineData(4, 2, true)]
    public void The_loop_of_every_starvation_replays(int tasks, int slots, bool symmetry)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Pages = tasks, Rounds = 0 };
        Experiment churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve("churn", null, size);

        ProgressReport? progress = new Verifier(
            churn.Boot(),
            new VerifierOptions { Fusion = true, Symmetry = symmetry }
        )
            .Run(TestContext.Current.CancellationToken)
            .Progress;

        Assert.NotNull(progress?.Starvation);
        Assert.Null(progress.WhyNot);
        Lasso lasso = progress.Starvation;
        Assert.True(lasso.FusedLengths?.Stem < lasso.Stem.Length, "nothing was fused");
        ReplayReport replay = new Replay(new Machine(churn.Boot())).Run(
            [.. lasso.Stem, .. lasso.Loop],
            FailureClass.Starvation,
            lasso.Loop.Length);
        Assert.True(replay.Reproduced, $"{replay.Finding}");
    }
}
