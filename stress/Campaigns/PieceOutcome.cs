namespace Kmaplab.Stress.Campaigns;

/// <summary>What came of a piece.</summary>
/// <param name="Piece">The piece.</param>
/// <param name="Report">What it has shown; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
internal sealed record PieceOutcome(string Piece, string? Report, string? Error);
