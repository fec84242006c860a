namespace Kmaplab.Stress.Playing;

/// <summary>What is shown beside the session itself.</summary>
/// <param name="Title">What is played.</param>
/// <param name="Moves">What can be picked.</param>
/// <param name="Picked">Which of them is.</param>
/// <param name="Message">What the last key has led to; empty if that can be seen.</param>
/// <param name="ShowsHelp">Whether the keys are told instead.</param>
internal sealed record PlayMoment(
    string Title, IReadOnlyList<PlayMove> Moves, int Picked, string Message, bool ShowsHelp)
{
    /// <summary>The move that is picked; null if there is none.</summary>
    internal PlayMove? Move => Picked < Moves.Count ? Moves[Picked] : null;
}
