using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>Reductions leave out states, never verdicts.</summary>
public sealed class ReductionTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string, string?, int, int, int, int> Targets() => new()
    {
        // scenario, variant, tasks, slots, depth, rounds
        { "churn", null, 2, 1, 1, 0 },
        { "churn", null, 3, 2, 1, 0 },
        { "churn", null, 2, 1, 1, 2 },
        { "exhaust", null, 2, 1, 1, 0 },
        { "shared", null, 2, 2, 1, 0 },
        { "nested", null, 2, 2, 2, 0 },
        { "nested", null, 2, 4, 2, 0 },
        { "nested", null, 2, 2, 2, 1 },
        { "churn", "no-recheck", 2, 1, 1, 0 },
        { "churn", "queue-after-unlock", 2, 1, 1, 1 },
        { "churn", "exclusive-waiters", 3, 1, 1, 0 },
        { "churn", "wake-always", 2, 1, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void Fusion_and_symmetry_keep_the_verdict_alone_and_together(
        string scenario,
        string? variant,
        int tasks,
        int slots,
        int depth,
        int rounds)
    {
        VerificationReport plain = Search(
            scenario,
            variant,
            tasks,
            slots,
            depth,
            rounds,
            fusion: false,
            symmetry: false);
        VerificationReport fused = Search(
            scenario,
            variant,
            tasks,
            slots,
            depth,
            rounds,
            fusion: true,
            symmetry: false);
        VerificationReport symmetric = Search(
            scenario,
            variant,
            tasks,
            slots,
            depth,
            rounds,
            fusion: false,
            symmetry: true);
        VerificationReport both = Search(scenario, variant, tasks, slots, depth, rounds, fusion: true, symmetry: true);

        foreach (VerificationReport reduced in (VerificationReport[])[fused, symmetric, both])
        {
            Assert.Equal(plain.Verdict, reduced.Verdict);
            Assert.Equal(plain.Counterexample?.Finding.Class, reduced.Counterexample?.Finding.Class);
        }

        // Renaming is exact: the shortest way to a failure, and the farthest state, are as far as before.
        Assert.Equal(plain.MaxDepth, symmetric.MaxDepth);
        Assert.Equal(fused.MaxDepth, both.MaxDepth);
        Assert.Equal(plain.Counterexample?.Schedule.Length, symmetric.Counterexample?.Schedule.Length);
        if (plain.Verdict == Verdict.Verified)
        {
            Assert.InRange(symmetric.States, 1, plain.States);
            Assert.InRange(fused.States, 1, plain.States);
            Assert.InRange(both.States, 1, Math.Min(fused.States, symmetric.States));
        }
    }

    [Theory]
    [InlineData("churn", 2, 1, 1, 2)]
    [InlineData("churn", 3, 2, 1, 1)]
    [InlineData("exhaust", 2, 1, 1, 1)]
    [InlineData("nested", 2, 2, 2, 1)]
    [InlineData("nested", 2, 2, 2, 0)]
    [InlineData("nested", 3, 2, 2, 1)]
    public void Fusion_reaches_every_final_state_and_every_deadlock(
        string scenario,
        int tasks,
        int slots,
        int depth,
        int rounds)
    {
        VerificationReport plain = Search(
            scenario,
            null,
            tasks,
            slots,
            depth,
            rounds,
            fusion: false,
            symmetry: false,
            countAll: true);
        VerificationReport fused = Search(
            scenario,
            null,
            tasks,
            slots,
            depth,
            rounds,
            fusion: true,
            symmetry: false,
            countAll: true);

        Assert.True(plain.FinalStates + plain.Deadlocks > 0, "nothing ends");
        Assert.True(fused.States < plain.States, "nothing was fused");
        Assert.Equal((plain.FinalStates, plain.Deadlocks), (fused.FinalStates, fused.Deadlocks));
    }

    private static VerificationReport Search(
        string scenario,
        string? variant,
        int tasks,
        int slots,
        int depth,
        int rounds,
        bool fusion,
        bool symmetry,
        bool countAll = false)
    {
        var size = new SizeRequest
        {
            Tasks = tasks,
            Slots = slots,
            Depth = scenario == "nested" ? depth : null,
            Rounds = rounds,
        };
        Experiment experiment = s_catalogue.Resolve(scenario, variant, size);
        return new Verifier(
            experiment.Boot(),
            new VerifierOptions
            {
                Fusion = fusion,
                Symmetry = symmetry,
                CountAll = countAll,
            }
        ).Run();
    }
}
