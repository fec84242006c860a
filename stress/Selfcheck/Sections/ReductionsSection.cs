using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>
/// The scenarios, at random sizes and with random variants, verified with and without each reduction.
/// </summary>
internal sealed class ReductionsSection : SelfcheckSection
{
    internal override string Name => "reductions";

    internal override string What =>
        "scenarios have the same verdict with symmetry and fusion on and off, and explore finds nothing that verify "
        + "excludes";

    internal override SectionResult Run(SelfcheckRun run)
    {
        var comparison = VerdictComparison.Of(run);
        List<PairOutcome> outcomes = run.ForEach(Name, run.Pairs, i =>
        {
            Experiment experiment = RandomPairs.Draw(run.Catalogue, run.Seed, i);
            return comparison.Compare(experiment);
        });
        bool isWhole = outcomes.Count == run.Pairs && !run.Cancellation.IsCancellationRequested;
        return new SectionResult(
            outcomes.Count,
            $"random scenarios, sizes and variants, {PairOutcome.Summary(outcomes)}",
            [.. outcomes.SelectMany(outcome => outcome.Problems)],
            isWhole);
    }
}
