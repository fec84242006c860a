namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// The states seen so far, each with its number. All members may be called from all threads that have entered.
/// </summary>
internal interface IVisitedSet : IDisposable
{
    /// <summary>Bytes that the set takes.</summary>
    long Bytes { get; }

    /// <summary>Asks the processor to fetch what <see cref="Find"/> will look at.</summary>
    void Prefetch(UInt128 hash);

    /// <summary>
    /// The number of a state, or -1. <paramref name="state"/> is the whole state, for sets that keep it.
    /// </summary>
    int Find(UInt128 hash, ReadOnlySpan<byte> state);

    /// <summary>
    /// Adds a state under <paramref name="number"/>, unless it is there; the number that it has then.
    /// </summary>
    int Insert(UInt128 hash, ReadOnlySpan<byte> state, int number);

    /// <summary>The thread of <paramref name="worker"/> holds on to nothing that it has seen in the set.</summary>
    void Pass(int worker);

    /// <summary>The thread of <paramref name="worker"/> does not use the set until it passes again.</summary>
    void Leave(int worker);
}
