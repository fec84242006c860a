using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// What one part of the check of states has looked at, and a hash of what it has seen there whenever it held.
/// </summary>
/// <remarks>
/// The hash is that of states (<see cref="StateHasher"/>), over these words alone. When another word comes to them, all
/// that was kept is forgotten, as it says nothing of that word; and when there is too much of it. One thread, one
/// object.
/// </remarks>
internal sealed class CleanKeys(StateHasher hasher, int words)
{
    private const int PlacesMax = 1 << 19; // 8 MiB.

    private readonly bool[] _has = new bool[words];
    private int[] _words = new int[16];
    private int _count;
    private UInt128[] _keys = new UInt128[256]; // Open addressing, a power of two, at most half full; 0 is nobody's.
    private int _used;

    /// <summary>How many were ever kept.</summary>
    internal long Kept { get; private set; }

    /// <summary>Another word that is looked at.</summary>
    internal void Add(int word)
    {
        if (_has[word])
            return;

        _has[word] = true;
        if (_count == _words.Length)
            Array.Resize(ref _words, _count * 2);

        _words[_count++] = word;
        Forget();
    }

    /// <summary>What is seen in a state.</summary>
    internal UInt128 KeyOf(int[] memory)
    {
        UInt128 key = UInt128.One; // So that words that are all 0 have a key.
        foreach (int word in _words.AsSpan(0, _count))
            key += hasher.Growth(word, memory[word]);

        return key;
    }

    /// <summary>Whether the part held where it saw the same.</summary>
    internal bool Contains(UInt128 key) => key != UInt128.Zero && _keys[PlaceOf(key)] == key;

    /// <summary>The part holds where it sees this.</summary>
    internal void Keep(UInt128 key)
    {
        int place = PlaceOf(key);
        if (_keys[place] != UInt128.Zero || key == UInt128.Zero)
            return;

        _keys[place] = key;
        Kept++;
        if (++_used > _keys.Length / 2)
            Grow();
    }

    private void Grow()
    {
        if (_keys.Length == PlacesMax)
        {
            Forget();
            return;
        }

        UInt128[] old = _keys;
        _keys = new UInt128[old.Length * 2];
        foreach (UInt128 key in old)
        {
            if (key != UInt128.Zero)
                _keys[PlaceOf(key)] = key;
        }
    }

    private void Forget()
    {
        Array.Clear(_keys);
        _used = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(UInt128 key)
    {
        UInt128[] keys = _keys;
        int mask = keys.Length - 1;
        int place = (int)(ulong)(key >> 64) & mask;
        while (keys[place] != UInt128.Zero && keys[place] != key)
            place = (place + 1) & mask;

        return place;
    }
}
