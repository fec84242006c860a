namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>
/// How many classes the executions that were compared are of, after 1, 2, 4 of them and so on, and after all.
/// </summary>
/// <param name="Points">From few executions to many.</param>
/// <remarks>
/// It says what was seen, whoever chose the executions; how it goes on, it says of none of them.
/// </remarks>
public sealed record DiscoveryCurve(IReadOnlyList<DiscoveryPoint> Points)
{
    /// <inheritdoc/>
    public bool Equals(DiscoveryCurve? other) => other is not null && Points.SequenceEqual(other.Points);

    /// <inheritdoc/>
    public override int GetHashCode() => Points.Count;
}

/// <summary>A point of it.</summary>
/// <param name="Executions">After so many,</param>
/// <param name="Distinct">so many classes.</param>
public readonly record struct DiscoveryPoint(long Executions, long Distinct);
