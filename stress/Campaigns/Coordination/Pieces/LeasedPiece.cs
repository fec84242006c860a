namespace Kmaplab.Stress.Campaigns.Coordination.Pieces;

/// <summary>A piece that somebody has for a while.</summary>
/// <param name="Piece">Its number, from 0.</param>
/// <param name="Lease">Names this handing-out and no other, not even one of an earlier coordinator.</param>
internal readonly record struct LeasedPiece(int Piece, long Lease);
