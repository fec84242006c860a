namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>How a word has been accessed so far, and what it is part of.</summary>
[Flags]
internal enum AccessWays : byte
{
    None = 0,
    Plain = 1,
    Marked = 2,
    Written = 4,
    Shared = 8,
    Pending = 16, // It is among those whose values are still to be compared.
}

/// <summary>Who has accessed a word so far, how, and which locks all of them held (its lock set).</summary>
/// <remarks>Two locks will do: to forget one can only make an obstacle where none is.</remarks>
internal struct WordUse
{
    internal int Owner; // The first who did, + 1; 0 if nobody.
    internal int Lock; // A lock that all held; 0 if there is none, as no lock has that address.
    internal int Second; // Another.
    internal AccessWays Ways;

    /// <summary>Several tasks access it, plainly, it changes, and no lock was held by all.</summary>
    internal readonly bool IsBroken
    {
        get
        {
            const AccessWays All = AccessWays.Plain | AccessWays.Written | AccessWays.Shared;
            return Lock == 0 && (Ways & All) == All;
        }
    }

    /// <summary>Of the locks, those remain that were held this time, too.</summary>
    internal void Keep(bool first, bool second)
    {
        Second = second ? Second : 0;
        if (!first)
            (Lock, Second) = (Second, 0);
    }

    /// <summary>Adds what another machine has seen of the same word.</summary>
    internal void Add(WordUse other)
    {
        if (other.Owner == 0)
            return;

        if (Owner == 0)
        {
            this = other;
            return;
        }

        Ways |= other.Ways | (Owner == other.Owner ? AccessWays.None : AccessWays.Shared);
        Keep(other.Has(Lock), other.Has(Second));
    }

    private readonly bool Has(int spinLock) => spinLock == Lock || spinLock == Second;
}
