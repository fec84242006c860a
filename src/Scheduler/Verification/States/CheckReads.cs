using System.Threading;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// Which words each part of the check of states has ever looked at, in all threads of a search.
/// </summary>
/// <remarks>
/// A state that differs from one that has passed in none of them passes as well: the part would look at the same words
/// as there, and see the same. Words are only ever added, before the state that was judged by them is known to others.
/// </remarks>
internal sealed class CheckReads(int words)
{
    /// <summary>More parts than this have no place.</summary>
    internal const int PartsMax = 64;

    private readonly ulong[] _parts = new ulong[words]; // For each word, a bit for each part.
    private ulong _refused;
    private int _firstJudged = int.MaxValue;

    /// <summary>Parts of which nobody knows what they look at.</summary>
    internal ulong Refused => Volatile.Read(ref _refused);

    /// <summary>Parts that have ever looked at one of some words.</summary>
    internal ulong Of(ReadOnlySpan<int> changed)
    {
        ulong parts = Refused;
        foreach (int word in changed)
            parts |= _parts[word];

        return parts;
    }

    internal bool Has(int part, int word) => (Volatile.Read(ref _parts[word]) >> part & 1) != 0;

    internal void Add(int part, int word) => Interlocked.Or(ref _parts[word], 1UL << part);

    internal void Refuse(int part) => Interlocked.Or(ref _refused, 1UL << part);

    /// <summary>
    /// Whether a state was judged here: the start was not, nor was what another process has left.
    /// </summary>
    internal bool WasJudged(int state) => state >= Volatile.Read(ref _firstJudged);

    /// <summary>A new state is judged. Numbers grow.</summary>
    internal void Judge(int state)
    {
        int first = Volatile.Read(ref _firstJudged);
        while (state < first)
        {
            int before = Interlocked.CompareExchange(ref _firstJudged, state, first);
            if (before == first)
                return;

            first = before;
        }
    }
}
