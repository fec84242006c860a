namespace Kmaplab.Cluster;

/// <summary>What became of a piece.</summary>
[GenerateSerializer]
[Immutable]
public sealed record Outcome
{
    /// <summary>Who had it.</summary>
    [Id(0)]
    public required string Worker { get; init; }

    /// <summary>Its number.</summary>
    [Id(1)]
    public int Piece { get; init; }

    /// <summary>Under which lease.</summary>
    [Id(2)]
    public long Lease { get; init; }

    /// <summary>Its report, a line of JSON; null if it has none.</summary>
    [Id(3)]
    public string? Report { get; init; }

    /// <summary>Why it failed; null if it did not. Without this and a report the piece is given back.</summary>
    [Id(4)]
    public string? Error { get; init; }
}
