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

    /// <summary>What is done in the latest run is kept, so that a failure can be replayed.</summary>
    internal bool Records { get; init; } = !IsBare;

    /// <summary>All runs are kept, and not only one that has failed.</summary>
    internal bool RecordsAll { get; init; }
}
