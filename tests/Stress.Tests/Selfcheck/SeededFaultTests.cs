using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Races.Flushes;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Selfcheck;
using Kmaplab.Stress.Selfcheck.Programs;
using Kmaplab.Stress.Selfcheck.Sections;

namespace Kmaplab.Stress.Tests.Selfcheck;

/// <summary>
/// A self-check that cannot fail is worth nothing: each of its parts notices a fault that is put in on purpose.
/// </summary>
public sealed class SeededFaultTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    private static readonly Experiment s_lostWakeup = s_catalogue.Race("queue-after-unlock").Experiment;

    [Fact]
    public void A_count_that_is_off_by_one_is_noticed()
    {
        SectionResult result = new OracleSection(WithOneStateMore).Run(NewRun());

        Assert.False(result.Passed);
        Assert.Equal(
            KnownPrograms.All.Count,
            result.Problems.Count(problem => problem.Contains(": states: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_port_that_does_something_else_is_noticed()
    {
        SectionResult result = new ConformanceSection(
            (boot, config) => new NoTlbFlush<SimulatedKernel>(boot, config)
        ).Run(NewRun());

        Assert.False(result.Passed);
        Assert.Contains(result.Problems, problem => problem.Contains("must be", StringComparison.Ordinal));
    }

    [Fact]
    public void A_detector_that_does_not_fire_and_one_that_cries_wolf_are_noticed()
    {
        DetectorCase deadlock = DetectorCase.All(s_catalogue)[0];
        SectionResult result = new DetectorsSection(_ =>
            [new DetectorCase(deadlock.Shows, Wrong: deadlock.Right, Right: deadlock.Wrong)]
        ).Run(NewRun());

        Assert.Contains(result.Problems, problem =>
            problem.Contains("explore must report deadlock, and reports nothing", StringComparison.Ordinal));
        Assert.Contains(result.Problems, problem =>
            problem.Contains("verify must report deadlock, and reports nothing", StringComparison.Ordinal));
        Assert.Contains(result.Problems, problem =>
            problem.Contains("explore must report nothing, and reports deadlock", StringComparison.Ordinal));
        Assert.Contains(result.Problems, problem =>
            problem.Contains("verify must report nothing, and reports deadlock", StringComparison.Ordinal));
        Assert.Contains("livelock: no mistake shows it", result.Problems);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_false_proof_with_one_combination_of_reductions_is_noticed(bool fusion, bool symmetry)
    {
        var comparison = new VerdictComparison(new ReplayLog(), 1, CancellationToken.None)
        {
            Search = (experiment, options, cancellation) =>
            {
                VerificationReport report = Search(experiment, options, cancellation);
                return (options.Fusion, options.Symmetry) == (fusion, symmetry)
                    ? report with
                    {
                        Verdict = Verdict.Verified,
                        Counterexample = null,
                    }
                    : report;
            },
        };

        Assert.NotEmpty(comparison.Compare(s_lostWakeup).Problems);
    }

    [Fact]
    public void A_false_proof_with_every_combination_is_noticed_by_exploring()
    {
        var comparison = new VerdictComparison(new ReplayLog(), 1, CancellationToken.None)
        {
            Search = (experiment, options, cancellation) =>
                Search(experiment, options, cancellation) with
                {
                    Verdict = Verdict.Verified,
                    Counterexample = null,
                },
        };

        Assert.Contains(comparison.Compare(s_lostWakeup).Problems, problem =>
            problem.Contains("but explore finds lost-wakeup", StringComparison.Ordinal));
    }

    [Fact]
    public void Fusion_that_ignores_who_looks_into_sections_is_noticed() =>
        AssertNoticed(options => options with { TrustsFusion = true });

    [Fact]
    public void Symmetry_that_does_not_try_other_names_is_noticed() =>
        AssertNoticed(options => options with { TrustsSymmetry = true });

    [Fact]
    public void Searches_without_a_fault_agree() =>
        Assert.Empty(new VerdictComparison(new ReplayLog(), 1, CancellationToken.None).Compare(s_lostWakeup).Problems);

    [Fact]
    public void A_failure_that_needs_no_choice_of_some_task_is_farther_away_for_a_search_that_puts_choices_first()
    {
        var size = new SizeRequest { Tasks = 3, Slots = 4, Rounds = ScenarioSize.AnyRounds, Depth = 2 };
        Experiment experiment = s_catalogue.Resolve("nested", "budget-not-refilled", size);

        Assert.Empty(new VerdictComparison(new ReplayLog(), 1, CancellationToken.None).Compare(experiment).Problems);
    }

    [Fact]
    public void A_counterexample_that_ends_too_early_is_noticed()
    {
        var replays = new ReplayLog();
        Counterexample found = Search(s_lostWakeup, new VerifierOptions(), CancellationToken.None).Counterexample!;

        Assert.True(replays.Check(s_lostWakeup, "verify", FailureClass.LostWakeup, found.Schedule, found.Loop));
        Assert.False(replays.Check(s_lostWakeup, "verify", FailureClass.LostWakeup, found.Schedule[..^1], found.Loop));
        Assert.Contains("does not replay", Assert.Single(replays.Problems), StringComparison.Ordinal);
    }

    private static void AssertNoticed(Func<VerifierOptions, VerifierOptions> fault)
    {
        var section = new LittleProgramsSection(run => new VerdictComparison(run.Replays, run.Seed, run.Cancellation)
        {
            Search = (experiment, options, cancellation) => Search(experiment, fault(options), cancellation),
        });

        Assert.NotEmpty(section.Run(NewRun()).Problems);
    }

    private static VerificationReport Search(
        Experiment experiment,
        VerifierOptions options,
        CancellationToken cancellation
    ) => new Verifier(experiment.Boot(), options) { Boot = experiment.Boot }.Run(cancellation);

    private static OracleExpectation WithOneStateMore(OracleProgram program)
    {
        OracleExpectation exact = BruteForce.Count(program);
        return exact with { States = exact.States + 1 };
    }

    private static SelfcheckRun NewRun() => new(s_catalogue, Seed: 1, Jobs: 1, TestContext.Current.CancellationToken);
}
