namespace Kmaplab.Cluster;

/// <summary>What a worker is told to do.</summary>
[GenerateSerializer]
[Immutable]
public sealed record Assignment
{
    /// <summary>There is nothing to do any more.</summary>
    public static Assignment Done { get; } = new() { IsDone = true };

    /// <summary>Whether all pieces are finished, so that the worker may leave.</summary>
    [Id(0)]
    public bool IsDone { get; init; }

    /// <summary>The number of the piece, from 0.</summary>
    [Id(1)]
    public int Piece { get; init; }

    /// <summary>Names this handing-out of the piece, and no other one.</summary>
    [Id(2)]
    public long Lease { get; init; }

    /// <summary>For how long; to be renewed well before. Without text: when to ask again.</summary>
    [Id(3)]
    public int Milliseconds { get; init; }

    /// <summary>The piece, a line of JSON; null if there is none just now.</summary>
    [Id(4)]
    public string? Text { get; init; }
}
