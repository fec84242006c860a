namespace Kmaplab.Stress.Campaigns.Coordination.Pieces;

/// <summary>What a piece came to: a report, or the error with which it was set aside.</summary>
internal sealed record PieceResult(string Piece, string? Report, string? Error);
