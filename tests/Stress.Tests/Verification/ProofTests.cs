using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>What exhaustive search proves of the port, and refutes of its variants.</summary>
public sealed class ProofTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string, int, int, int> Sizes()
    {
        var sizes = new TheoryData<string, int, int, int>();
        foreach (int slots in (int[])[1, 2, 4])
        {
            sizes.Add("churn", 3, slots, 4);
            sizes.Add("churn", 4, slots, 4);
            sizes.Add("exhaust", 3, slots, 0);
            sizes.Add("shared", 2, slots, 4);
        }

        return sizes;
    }

    public static TheoryData<string> Races() => [.. s_catalogue.Races.Select(race => race.Name)];

    public static TheoryData<string> BenignVariants() =>
        [.. s_catalogue.Variants.Select(variant => variant.Name).Where(name => s_catalogue.FindRace(name) is null)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_port_is_free_of_failures_for_any_number_of_rounds(string scenario, int tasks, int slots, int pages)
    {
        VerificationReport report = Verify(
            Forever(scenario, tasks, slots, pages),
            new VerifierOptions { Fusion = true }
        );

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.True(report.States > 50, "the search has hardly begun");
        Assert.Equal(0, report.Deadlocks);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Every_race_is_refuted_and_its_schedule_replays(string name)
    {
        Experiment race = s_catalogue.Race(name).Experiment;

        Counterexample plain = Refute(race, new VerifierOptions());
        Counterexample fused = Refute(race, new VerifierOptions { Fusion = true, ShortestWay = false });
        Counterexample shortest = Refute(race, new VerifierOptions { Fusion = true });

        ReplayReport replay = new Replay(new Machine(race.Boot())).Run(plain.Schedule, plain.Finding.Class);
        Assert.True(replay.Reproduced, replay.Divergence?.ToString());
        Assert.Equal(plain.Finding, replay.Finding);

        Assert.True(fused.Schedule.Length >= plain.Schedule.Length, "the plain search has not found a shortest way");
        Assert.True(new Replay(new Machine(race.Boot())).Run(fused.Schedule, fused.Finding.Class).Reproduced);

        Assert.Equal(plain.Schedule, shortest.Schedule);
        Assert.Equal((true, true), (plain.IsShortest, shortest.IsShortest));
    }

    [Theory]
    [MemberData(nameof(BenignVariants))]
    public void A_harmless_change_is_proved_harmless(string variant)
    {
        Experiment experiment = s_catalogue.Resolve(
            "churn",
            variant,
            new SizeRequest
            {
                Tasks = 3,
                Slots = 2,
                Pages = 3,
                Rounds = 0,
            }
        );

        Assert.Equal(Verdict.Verified, Verify(experiment, new VerifierOptions { Fusion = true }).Verdict);
    }

    [Theory]
    [InlineData(1, 1, 2, true)]
    [InlineData(2, 2, 2, true)]
    [InlineData(3, 2, 2, true)]
    [InlineData(1, 2, 2, false)]
    [InlineData(2, 4, 2, false)]
    [InlineData(1, 2, 3, true)]
    [InlineData(2, 4, 3, true)]
    public void Nested_mappings_deadlock_exactly_where_the_formula_says(int tasks, int slots, int depth, bool deadlocks)
    {
        Assert.Equal(deadlocks, tasks * (depth - 1) >= slots);
        Experiment nested = s_catalogue.Resolve(
            "nested",
            null,
            new SizeRequest
            {
                Tasks = tasks,
                Slots = slots,
                Depth = depth,
                Rounds = 0,
            }
        );

        VerificationReport report = Verify(nested, new VerifierOptions { Fusion = true });

        Assert.Equal(deadlocks ? FailureClass.Deadlock : null, report.Counterexample?.Finding.Class);
        Assert.Equal(deadlocks ? Verdict.Violated : Verdict.Verified, report.Verdict);
    }

    [Theory]
    [InlineData("churn", 3, 2, 3)]
    [InlineData("exhaust", 3, 2, 0)]
    [InlineData("shared", 2, 2, 3)]
    public void Hashed_exact_depth_first_and_parallel_searches_count_the_same(
        string scenario,
        int tasks,
        int slots,
        int pages)
    {
        Experiment experiment = Forever(scenario, tasks, slots, pages);
        var options = new VerifierOptions { Fusion = true };

        VerificationReport report = Verify(experiment, options);

        Assert.Equal(Counts(report), Counts(Verify(experiment, options with { IsExact = true })));
        Assert.Equal(Counts(report), Counts(Verify(experiment, options with { Jobs = 2 })));
        Assert.Equal(
            Counts(report) with
            {
                MaxDepth = 0,
            },
            Counts(Verify(experiment, options with { IsDepthFirst = true })) with
            {
                MaxDepth = 0,
            }
        );
    }

    [Theory]
    [InlineData("churn", 3, 2, 3, 6)]
    [InlineData("churn", 2, 1, 2, 2)]
    [InlineData("exhaust", 3, 2, 0, 2)]
    public void Symmetry_keeps_the_verdict_and_the_depth_and_divides_the_states(
        string scenario,
        int tasks,
        int slots,
        int pages,
        int renamings)
    {
        Experiment experiment = Forever(scenario, tasks, slots, pages);

        VerificationReport with = Verify(experiment, new VerifierOptions { Fusion = true });
        VerificationReport without = Verify(experiment, new VerifierOptions { Fusion = true, Symmetry = false });

        Assert.Equal(without.Verdict, with.Verdict);
        Assert.Equal(without.MaxDepth, with.MaxDepth);
        Assert.InRange(with.States, without.States / renamings, without.States - 1);
    }

    [Fact]
    public void A_parallel_search_finds_the_same_counterexample()
    {
        Experiment race = s_catalogue.Race("exclusive-waiters").Experiment;

        Counterexample one = Refute(race, new VerifierOptions { Jobs = 1 });
        Counterexample two = Refute(race, new VerifierOptions { Jobs = 2 });

        Assert.Equal(one.Schedule, two.Schedule);
        Assert.Equal(one.Finding, two.Finding);
    }

    [Fact]
    public void A_barging_newcomer_can_starve_a_sleeper_for_ever_and_the_loop_replays()
    {
        Experiment churn = Forever("churn", 2, 1, 2);

        VerificationReport report = Verify(churn, new VerifierOptions());

        Assert.NotNull(report.Progress);
        Assert.Null(report.Progress.WhyNot);
        Lasso lasso = Assert.IsType<Lasso>(report.Progress.Starvation);
        ReplayReport replay = new Replay(new Machine(churn.Boot())).Run(
            [.. lasso.Stem, .. lasso.Loop], FailureClass.Starvation, lasso.Loop.Length);
        Assert.True(replay.Reproduced, $"{replay.Finding}");
        Assert.StartsWith($"task {lasso.Task} ", replay.Finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_is_not_finished_says_so_and_what_it_has_covered()
    {
        VerificationReport report = Verify(
            Forever("churn", 4, 2, 4),
            new VerifierOptions { Fusion = true, StatesMax = 1000 }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.InRange(report.States, 1000, 100_000);
        Assert.Contains("1000 states", report.Reason, StringComparison.Ordinal);
    }

    private static VerificationReport Counts(VerificationReport report) =>
        report with { TableBytes = 0, GraphBytes = 0, OmissionProbability = 0, Progress = null };

    private static Counterexample Refute(Experiment experiment, VerifierOptions options)
    {
        VerificationReport report = Verify(experiment, options);
        Assert.Equal(Verdict.Violated, report.Verdict);
        return report.Counterexample!;
    }

    private static VerificationReport Verify(Experiment experiment, VerifierOptions options) =>
        new Verifier(experiment.Boot(), options).Run();

    private static Experiment Forever(string scenario, int tasks, int slots, int pages) =>
        s_catalogue.Resolve(
            scenario,
            null,
            new SizeRequest
            {
                Tasks = tasks,
                Slots = slots,
                Pages = pages == 0 ? null : pages,
                Rounds = 0,
            }
        );
}
