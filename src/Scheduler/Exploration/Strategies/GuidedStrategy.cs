using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Goes back to a state that was visited seldom, and on from there at random; every second execution begins at the
/// start.
/// </summary>
/// <remarks>Visits are counted by state hash, at points that are drawn.</remarks>
[Strategy("guided", "at random, from states that were visited least")]
public sealed class GuidedStrategy(ulong seed) : ReturningStrategy(seed)
{
    private const int LooksEach = 8; // At states, in an execution, about.
    private const int LeastGap = 2; // Points between two looks, on average.

    /// <inheritdoc/>
    public override string Name => "guided";

    /// <inheritdoc/>
    protected override int FromStart => 5;

    /// <inheritdoc/>
    protected override int Compared => 4;

    /// <inheritdoc/>
    protected override ulong PlaceOf(Machine machine) => (ulong)machine.StateHash();

    /// <inheritdoc/>
    protected override int NextGap(Machine machine)
    {
        int mean = Math.Max(LeastGap, Length / LooksEach);
        return 1 + Next((2 * mean) - 1);
    }
}
