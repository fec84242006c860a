namespace Kmaplab.Stress.Selfcheck;

/// <summary>What a comparison of searches of one experiment has shown.</summary>
internal sealed class PairOutcome(string subject)
{
    private readonly List<string> _problems = [];

    internal IReadOnlyList<string> Problems => _problems;

    /// <summary>
    /// A search did not end within its budget, or did not prove progress: what it says is not compared.
    /// </summary>
    internal bool IsUndecided { get; set; }

    /// <summary>Something is wrong with the experiment, say the searches.</summary>
    internal bool IsWrong { get; set; }

    internal bool WasFused { get; set; }

    internal bool FusionWasDropped { get; set; }

    internal bool SymmetryWasDropped { get; set; }

    internal void Add(string problem) => _problems.Add($"{subject}: {problem}");

    /// <summary>
    /// How the outcomes are distributed, in words: reductions that were never used were not checked either.
    /// </summary>
    internal static string Summary(IReadOnlyCollection<PairOutcome> outcomes) =>
        $"{outcomes.Count(outcome => outcome.IsWrong)} violated, {outcomes.Count(outcome => outcome.IsUndecided)} not "
        + "decided by every search; "
        + $"{outcomes.Count(outcome => outcome.WasFused)} fused, fusion refused in "
        + $"{outcomes.Count(outcome => outcome.FusionWasDropped)}, symmetry in "
        + $"{outcomes.Count(outcome => outcome.SymmetryWasDropped)}";
}
