namespace Kmaplab.Stress.Campaigns.Coordination.Pieces;

/// <summary>How far a piece is.</summary>
internal enum PieceState
{
    Open,
    Leased,
    Finished,

    /// <summary>Given up, with an error.</summary>
    SetAside,
}
