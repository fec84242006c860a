namespace Kmaplab.Stress.Speeds;

/// <summary>What was measured of a search.</summary>
/// <param name="Search">The search.</param>
/// <param name="Cells">By whom; this build first, where it is one of its commands.</param>
internal sealed record SpeedRow(SearchSpeed Search, SpeedCell[] Cells)
{
    /// <summary>How many times as fast the first is as the second; null if either was not measured.</summary>
    internal double? Ratio =>
        Cells is [{ Median: { } own }, { Median: { } other }]
            ? Search.Unit == SpeedUnit.Milliseconds ? other / own : own / other
            : null;
}

/// <summary>What was measured of one contestant.</summary>
/// <param name="Name">Who.</param>
/// <param name="Runs">Each run, in the unit of the search.</param>
internal sealed record SpeedCell(string Name, double[] Runs)
{
    /// <summary>The median of the runs, the lower one of two; null if there is none.</summary>
    internal double? Median => Runs.Length == 0 ? null : Runs.Order().ElementAt((Runs.Length - 1) / 2);
}
