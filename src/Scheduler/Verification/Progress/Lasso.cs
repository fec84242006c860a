using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>An endless run: a way to a state, and a way from there back to it.</summary>
/// <param name="Victims">A bit for each task that finishes nothing on it.</param>
/// <param name="Runners">A bit for each of them that runs on it.</param>
/// <param name="Stem">The transitions to the loop.</param>
/// <param name="Loop">The transitions once round; every task that is not stepped is disabled somewhere on it. Empty if
/// nothing can happen any more.</param>
public sealed record Lasso(ulong Victims, ulong Runners, Transition[] Stem, Transition[] Loop)
{
    /// <summary>The first task that finishes nothing.</summary>
    public int Task => System.Numerics.BitOperations.TrailingZeroCount(Victims);

    /// <summary>The transitions of both as the search found them, if it fused them; otherwise null.</summary>
    public (int Stem, int Loop)? FusedLengths { get; init; }
}
