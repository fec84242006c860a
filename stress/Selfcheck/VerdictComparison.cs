using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// Verifies an experiment with every combination of reductions, explores it, and compares what all of them say.
/// </summary>
internal sealed class VerdictComparison(ReplayLog replays, ulong seed, CancellationToken cancellation)
{
    private const long StatesMax = 10_000;
    private const long MemoryMax = 512L << 20;
    private const int StepsMax = 2_000;

    // The last one puts choices of rounds first, too, which only a search that does not look for endless runs may.
    private static readonly (bool Fusion, bool Symmetry, bool Progress)[] s_combinations =
        [(false, false, true), (false, true, true), (true, false, true), (true, true, true), (true, true, false)];

    // The first performs every step; of the others some look steps up, and some perform what they look up as well.
    private static readonly MemoOptions?[] s_memos = [null, new(), MemoOptions.Shadow, new(), MemoOptions.Shadow];

    /// <summary>Executions that are explored beside.</summary>
    internal int Executions { get; init; } = 300;

    /// <summary>How an experiment is verified; another way shows that a wrong verdict is noticed.</summary>
    internal Func<Experiment, VerifierOptions, CancellationToken, VerificationReport> Search { get; init; } =
        static (experiment, options, cancellation) =>
            new Verifier(experiment.Boot(), options) { Boot = experiment.Boot }.Run(cancellation);

    /// <summary>As a self-check compares.</summary>
    internal static VerdictComparison Of(SelfcheckRun run) => new(run.Replays, run.Seed, run.Cancellation);

    /// <summary>Compares the verdicts, the ways to failures, starvation, and what <c>explore</c> finds.</summary>
    internal PairOutcome Compare(Experiment experiment)
    {
        var outcome = new PairOutcome(Subject.Of(experiment));
        Answer[] answers =
        [
            .. s_combinations.Select((combination, i) =>
                Ask(experiment, combination.Fusion, combination.Symmetry, combination.Progress, s_memos[i])),
        ];
        foreach (Answer answer in answers)
            CheckReplay(experiment, answer, outcome);

        Answer[] known = [.. answers.Where(answer => answer.Report.Verdict != Verdict.Inconclusive)];
        outcome.IsUndecided = known.Length < answers.Length;
        outcome.IsWrong = Array.Exists(known, answer => answer.IsWrong);
        outcome.WasFused = answers[2].Report.Fused;
        outcome.FusionWasDropped = answers[2].Report.FusionDropped is not null;
        outcome.SymmetryWasDropped = answers[1].Report.SymmetryDropped is not null;
        foreach (Answer answer in known.Skip(1))
            Compare(known[0], answer, outcome);

        CompareExecutions(experiment, known, outcome);
        return outcome;
    }

    /// <summary>Compares also how many ends there are with fusion and without.</summary>
    internal PairOutcome CompareEndsToo(Experiment experiment)
    {
        PairOutcome outcome = Compare(experiment);
        (VerificationReport plain, VerificationReport fused) = (
            CountEnds(experiment, fusion: false),
            CountEnds(experiment, fusion: true));
        if (
            plain.Reason is null
            && fused.Reason is null
            && (plain.FinalStates, plain.Deadlocks) != (fused.FinalStates, fused.Deadlocks))
            outcome.Add(
                $"{plain.FinalStates} final states and {plain.Deadlocks} deadlocks without fusion, "
                + $"{fused.FinalStates} and {fused.Deadlocks} with it");

        return outcome;
    }

    private Answer Ask(Experiment experiment, bool fusion, bool symmetry, bool progress, MemoOptions? memo)
    {
        // What fusion found is run again and measured, not the shortest way that a search without finds.
        VerifierOptions options = Options(fusion) with
        {
            Symmetry = symmetry,
            Progress = progress,
            Memo = memo,
            ShortestWay = false,
        };
        return new Answer(fusion, symmetry, progress, Search(experiment, options, cancellation));
    }

    private VerificationReport CountEnds(Experiment experiment, bool fusion) =>
        Search(experiment, Options(fusion) with { Symmetry = false, CountAll = true }, cancellation);

    private static VerifierOptions Options(bool fusion) =>
        new() { StatesMax = StatesMax, MemoryMax = MemoryMax, Fusion = fusion };

    private void CheckReplay(Experiment experiment, Answer answer, PairOutcome outcome)
    {
        VerificationReport report = answer.Report;
        if (report.Verdict == Verdict.Violated && report.Counterexample is null)
            outcome.Add($"violated {answer} without a counterexample");

        if (report.Counterexample is { } failed)
            CheckReplay(experiment, answer, failed.Finding.Class, failed.Schedule, failed.Loop);

        if (report.Progress?.Starvation is { } lasso)
            CheckReplay(experiment, answer, FailureClass.Starvation, [.. lasso.Stem, .. lasso.Loop], lasso.Loop.Length);
    }

    private void CheckReplay(Experiment experiment, Answer answer, FailureClass failure, Transition[] run, int loop) =>
        replays.Check(experiment, $"verify {answer}", failure, run, loop);

    private static void Compare(Answer first, Answer second, PairOutcome outcome)
    {
        (VerificationReport one, VerificationReport other) = (first.Report, second.Report);
        if (first.IsWrong != second.IsWrong && !second.CannotSee(one.Counterexample))
        {
            outcome.Add($"{one.Verdict.Name()} {first}, {other.Verdict.Name()} {second}");
            return;
        }

        if (IsExact(first, second) && first.Steps != second.Steps)
        {
            string failure = one.Counterexample!.Finding.Class.Name();
            outcome.Add($"{first.Steps} steps to {failure} {first}, {second.Steps} {second}");
        }

        if (one.Verdict.IsVerified() && other.Verdict.IsVerified() && second.Progress && one.Verdict != other.Verdict)
            outcome.IsUndecided = true; // One of them has not proved progress, and says so.

        if (HasStarvation(one) is { } starves && HasStarvation(other) is { } starvesToo && starves != starvesToo)
            outcome.Add(
                $"a fair run that starves a task was {(starves ? "found" : "not found")} {first}, and "
                + $"{(starvesToo ? "found" : "not found")} {second}");
    }

    /// <summary>
    /// Whether a shortest way to a failure must be as long in both: renaming is exact. A fused search for safety only
    /// is not, as it puts the choices of rounds first, those that its failure does not need among them.
    /// </summary>
    private static bool IsExact(Answer first, Answer second)
    {
        (VerificationReport one, VerificationReport other) = (first.Report, second.Report);
        bool areAlike = first.Fusion == second.Fusion && one.Fused == other.Fused;
        bool chooseAlike = !one.Fused || first.Progress == second.Progress;
        return areAlike && chooseAlike && one.Counterexample is { Loop: 0 } && other.Counterexample is { Loop: 0 };
    }

    private static bool? HasStarvation(VerificationReport report) =>
        report is { Verdict: Verdict.Verified, Progress: { StarvationNotSought: null } progress }
            ? progress.Starvation is not null
            : null;

    /// <summary>What an execution shows, a proof must not exclude.</summary>
    private void CompareExecutions(Experiment experiment, Answer[] known, PairOutcome outcome)
    {
        var options = new ExplorerOptions
        {
            Executions = Executions,
            StepsMax = StepsMax,
            WarmUpSteps = 0,
        };
        ExplorationReport report = new Explorer(experiment.Boot, () => new AutoStrategy(seed), options).Run(
            cancellation);
        if (report.First is not { } failed)
            return;

        replays.Check(experiment, "explore", failed.Finding.Class, failed.Schedule, failed.Loop);
        var shown = new Counterexample(failed.Finding, failed.Schedule) { Loop = failed.Loop };
        foreach (Answer answer in known.Where(answer => !answer.IsWrong && !answer.CannotSee(shown)))
            outcome.Add(
                $"{answer.Report.Verdict.Name()} {answer}, but explore finds {failed.Finding.Class.Name()} in "
                + $"execution {failed.Number} (auto, seed {seed})");
    }

    private sealed record Answer(bool Fusion, bool Symmetry, bool Progress, VerificationReport Report)
    {
        internal bool IsWrong => Report.Verdict == Verdict.Violated;

        /// <summary>To the failure, as the search counts them.</summary>
        internal int? Steps => Report.Counterexample?.FusedLength ?? Report.Counterexample?.Schedule.Length;

        /// <summary>A failure that is an endless run is none to a search that does not look for them.</summary>
        internal bool CannotSee(Counterexample? failure) =>
            !Progress && failure is ({ Loop: > 0 } or { Finding.Class: FailureClass.Livelock });

        public override string ToString() => (Fusion, Symmetry, Progress) switch
        {
            (false, false, _) => "with neither reduction",
            (false, true, _) => "with symmetry",
            (true, false, _) => "with fusion",
            (_, _, true) => "with both reductions",
            _ => "with both reductions, for safety only",
        };
    }
}
