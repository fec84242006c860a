namespace Kmaplab.Stress.Soaking;

/// <summary>How a target is run on threads.</summary>
/// <param name="Time">When it ends, if nothing is wrong.</param>
/// <param name="IsBare">Without checks.</param>
/// <param name="Seed">Chooses what is left to chance.</param>
/// <param name="HasJitter">With little pauses at random.</param>
internal sealed record SoakOptions(TimeSpan Time, bool IsBare, ulong Seed, bool HasJitter)
{
    /// <summary>Page frames are pages of memory.</summary>
    internal bool RealMemory { get; init; }
}
