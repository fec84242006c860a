using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>Every scenario with rounds can be proved for every number of them.</summary>
public sealed class AnyRoundsOfScenariosTests : CommandLineTest
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> WithRounds =>
        [
            .. s_catalogue
                .Scenarios.Where(scenario => scenario.Attribute.Uses.HasFlag(SizeParts.Rounds))
                .Select(scenario => scenario.Name),
        ];

    [Theory]
    [MemberData(nameof(WithRounds))]
    public void Every_scenario_that_takes_rounds_takes_any(string scenario)
    {
        Experiment experiment = s_catalogue.Resolve(
            scenario,
            variant: null,
            new SizeRequest { Rounds = ScenarioSize.AnyRounds }
        );

        Assert.Equal(ScenarioSize.AnyRounds, experiment.Size.Rounds);
        Assert.NotEmpty(experiment.Boot().Tasks);
    }

    [Theory]
    [InlineData("churn", 2, 1)]
    [InlineData("shared", 2, 1)]
    [InlineData("exhaust", 3, 2)]
    public void The_port_is_proved_for_every_number_of_rounds(string scenario, int tasks, int slots)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Rounds = ScenarioSize.AnyRounds };
        Experiment experiment = s_catalogue.Resolve(scenario, variant: null, size);

        VerificationReport report = new Verifier(experiment.Boot(), new VerifierOptions { Fusion = true }).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Null(report.FusionDropped);
        Assert.True(report.Fused);
    }

    [Theory]
    [InlineData("nested", 2, 4, null)]
    [InlineData("testcase-kmap", 2, 1, null)]
    [InlineData("script", 2, 1, null)]
    [InlineData("churn", 2, 1, "unlocked-lookup")]
    public void The_port_is_fused_and_a_variant_that_looks_in_without_the_lock_is_not(
        string scenario,
        int tasks,
        int slots,
        string? variant)
    {
        var size = new SizeRequest
        {
            Tasks = scenario == "script" ? null : tasks,
            Slots = slots,
            Rounds = ScenarioSize.AnyRounds,
        };
        Experiment experiment = s_catalogue.Resolve(scenario, variant, size);

        VerificationReport report = new Verifier(
            experiment.Boot(),
            new VerifierOptions { Fusion = true, Symmetry = false }
        ).Run(TestContext.Current.CancellationToken);

        Assert.Equal(variant is null, report.Fused);
        Assert.Equal(variant is null, report.FusionDropped is null);
    }

    [Fact]
    public void A_proof_is_about_every_number_of_rounds_unless_told_otherwise_and_says_so()
    {
        Assert.Equal(
            ExitCode.Clean,
            Run("verify", "churn", "--tasks", "2", "--slots", "1", "--pages", "2", "--liveness-states", "0"));
        Assert.Contains("--rounds any", Out, StringComparison.Ordinal);
        Assert.Contains(
            "for every number of rounds of each task, different ones for different tasks, and for ever",
            Out,
            StringComparison.Ordinal);

        Assert.Equal(
            ExitCode.Clean,
            Run(
                "verify",
                "churn",
                "--tasks",
                "2",
                "--slots",
                "1",
                "--pages",
                "2",
                "--liveness-states",
                "0",
                "--rounds",
                "forever"));
        Assert.Contains("for tasks that never end", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_behind_choices_is_kept_with_its_rounds_and_runs_again()
    {
        Assert.Equal(ExitCode.Failure, Run("verify", "no-recheck", "--rounds", "any", "--no-minimize"));

        string path = Directory.GetFiles(Folder, "*.schedule").Single();
        Assert.Contains("set: rounds=any\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", path, "--trace"));
        Assert.Contains("begins another round", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_exploration_says_at_once_that_it_sees_no_end()
    {
        Run("explore", "churn", "--rounds", "forever", "--executions", "1");

        Assert.Contains("its tasks never end", Out + Error, StringComparison.Ordinal);
        Assert.Contains("leak", Out + Error, StringComparison.Ordinal);
    }
}
