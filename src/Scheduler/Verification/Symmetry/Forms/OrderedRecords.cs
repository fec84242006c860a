using System.Numerics;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Forms;

/// <summary>By how much the hash of a state grows when its records are renumbered, without doing it.</summary>
/// <remarks>
/// How records are renumbered depends on what is in them and on what names them, and so does what that adds to a hash:
/// it is known once it was done where these words were the same, which a sum over them tells, of as many bits as the
/// hash of states has. What could make it lie: a scenario's code that looks at other words, or writes them. So whenever
/// it is called for something new it is called for a second state, too, that has the same records and everything else
/// from another state; if that is not renumbered alike, records are told apart. One thread, one object.
/// </remarks>
internal sealed class OrderedRecords
{
    private const int PlacesMax = 1 << 16; // 3 MiB.

    private readonly IReducedSearch _search;
    private readonly StateHasher _hasher;
    private readonly int[] _before;
    private readonly int[] _other; // Words of some other state.
    private readonly int[] _mixed;
    private readonly bool[] _isRecord;
    private Place[] _places = new Place[256]; // Open addressing, a power of two, at most half full.
    private int _used;

    internal OrderedRecords(MachineImage image, IReducedSearch search, StateHasher hasher)
    {
        _search = search;
        _hasher = hasher;
        _before = new int[image.Memory.Length];
        _mixed = new int[image.Memory.Length];
        _other = [.. image.Memory];
        _isRecord = new bool[image.Memory.Length];
        foreach (RecordGroup group in search.Records)
        {
            foreach (int field in group.Fields)
                _isRecord.AsSpan(field, group.Records).Fill(true);

            foreach (int link in group.Links)
                _isRecord[link] = true;
        }

        Words = [.. Enumerable.Range(0, _isRecord.Length).Where(Contains)];
    }

    /// <summary>The words that belong to records, or name one.</summary>
    internal int[] Words { get; }

    /// <summary>Whether a word belongs to records, or names one.</summary>
    internal bool Contains(int word) => _isRecord[word];

    /// <summary>The sum over the words of records in some memory.</summary>
    internal UInt128 SumOf(int[] memory)
    {
        HashSum sum = default;
        foreach (int word in Words)
            sum.Add(_hasher.Keys[word], memory[word]);

        return sum.Value;
    }

    /// <summary>
    /// What renumbering adds to the hash of a state in which the words of records have some sum; false if that is not
    /// known.
    /// </summary>
    internal bool TryFind(UInt128 sum, out UInt128 growth)
    {
        ref Place place = ref PlaceOf(sum);
        growth = place.Growth;
        return place.IsTaken;
    }

    /// <summary>Renumbers the records of a state in which their words have some sum; yields what that adds.</summary>
    internal UInt128 Order(UInt128 sum, int[] memory)
    {
        memory.CopyTo(_before, 0);
        _search.Canonicalize(memory);
        UInt128 growth = _hasher.Next(UInt128.Zero, _before, memory);
        if (!IsAlikeElsewhere(memory))
            _search.RefuseCanonicalForms("how records are renumbered depends on other words than theirs");

        Keep(sum, growth);
        return growth;
    }

    private bool IsAlikeElsewhere(int[] ordered)
    {
        for (int word = 0; word < _mixed.Length; word++)
            _mixed[word] = _isRecord[word] ? _before[word] : _other[word];

        _search.Canonicalize(_mixed);
        bool isAlike = true;
        for (int word = 0; word < _mixed.Length; word++)
        {
            isAlike &= _isRecord[word]
                ? _mixed[word] == ordered[word]
                : _mixed[word] == _other[word] && ordered[word] == _before[word];
        }

        _before.CopyTo(_other, 0);
        return isAlike;
    }

    private void Keep(UInt128 sum, UInt128 growth)
    {
        if (_used == _places.Length / 2)
            Grow();

        PlaceOf(sum) = new Place(sum, growth, IsTaken: true);
        _used++;
    }

    private void Grow()
    {
        Place[] old = _places;
        bool isFull = old.Length == PlacesMax;
        _places = new Place[isFull ? PlacesMax : old.Length * 2];
        _used = isFull ? 0 : _used;
        foreach (Place place in isFull ? [] : old)
        {
            if (place.IsTaken)
                PlaceOf(place.Sum) = place;
        }
    }

    private ref Place PlaceOf(UInt128 sum)
    {
        Place[] places = _places;
        int mask = places.Length - 1;
        int at = (int)BitOperations.RotateLeft((ulong)(sum >> 64), 20) & mask;
        while (places[at].IsTaken && places[at].Sum != sum)
            at = (at + 1) & mask;

        return ref places[at];
    }

    private readonly record struct Place(UInt128 Sum, UInt128 Growth, bool IsTaken);
}
