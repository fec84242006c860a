namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>Little programs that break reductions if nobody looks, verified with and without each of them.</summary>
/// <param name="comparisons">Makes what compares them; another one shows that a wrong verdict is noticed.</param>
internal sealed class LittleProgramsSection(Func<SelfcheckRun, VerdictComparison> comparisons) : SelfcheckSection
{
    internal LittleProgramsSection()
        : this(VerdictComparison.Of)
    {
    }

    internal override string Name => "reductions-programs";

    internal override string What =>
        "so have programs that look into lock sections, tell like tasks apart, or stand in one function of two "
        + "objects; and they have as many ends";

    internal override SectionResult Run(SelfcheckRun run)
    {
        int known = LittlePrograms.Known.Count;
        int programs = known + run.Pairs;
        VerdictComparison comparison = comparisons(run);
        List<PairOutcome> outcomes = run.ForEach(Name, programs, i =>
            i < known
                ? CheckKnown(comparison, i)
                : comparison.CompareEndsToo(LittlePrograms.ExperimentOf(LittlePrograms.Draw(run.Seed, i - known))));
        bool isWhole = outcomes.Count == programs && !run.Cancellation.IsCancellationRequested;
        return new SectionResult(
            outcomes.Count,
            $"{Math.Min(known, outcomes.Count)} written by hand, with known verdicts, "
            + $"{Math.Max(0, outcomes.Count - known)} at random, {PairOutcome.Summary(outcomes)}",
            [.. outcomes.SelectMany(outcome => outcome.Problems)],
            isWhole);
    }

    private static PairOutcome CheckKnown(VerdictComparison comparison, int number)
    {
        (string text, bool isWrong) = LittlePrograms.Known[number];
        PairOutcome outcome = comparison.CompareEndsToo(LittlePrograms.ExperimentOf(text));
        if (outcome.IsWrong != isWrong)
            outcome.Add(
                isWrong ? "nothing wrong is found, and something is" : "something wrong is found, and nothing is");

        return outcome;
    }
}
