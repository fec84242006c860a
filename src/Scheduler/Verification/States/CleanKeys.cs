using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// What one part of the check of states has looked at, and a hash of what it has seen there whenever it held.
/// </summary>
/// <remarks>
/// The hash is that of states (<see cref="StateHasher"/>), over how these words differ from the boot. When another word
/// comes to them, all that was kept is forgotten, as it says nothing of that word; and when there is too much of it.
/// One thread, one object.
/// </remarks>
/// <param name="codec">Who has packed the states that are looked at.</param>
/// <param name="hasher">Who hashes.</param>
internal sealed class CleanKeys(StateCodec codec, StateHasher hasher)
{
    private const int PlacesMax = 1 << 19; // 8 MiB.
    private const int Chunk = 64;

    private readonly ulong[] _words = new ulong[codec.Differing.Length]; // A bit for each word that is packed.
    private readonly List<int> _others = []; // Words behind these: hashes of stacks.
    private UInt128[] _keys = new UInt128[256]; // Open addressing, a power of two, at most half full; 0 is nobody's.
    private int _used;

    /// <summary>How many were ever kept.</summary>
    internal long Kept { get; private set; }

    /// <summary>A word that is looked at.</summary>
    internal void Add(int word)
    {
        if (word >= codec.Boot.Length)
        {
            if (_others.Contains(word))
                return;

            _others.Add(word);
        }
        else
        {
            ref ulong words = ref _words[word / Chunk];
            if ((words >> (word % Chunk) & 1) != 0)
                return;

            words |= 1UL << (word % Chunk);
        }

        Forget();
    }

    /// <summary>What is seen in the state that was packed last.</summary>
    internal UInt128 KeyOf(int[] memory)
    {
        UInt128 key = UInt128.One; // So that a state in which nothing differs has a key.
        ReadOnlySpan<int> boot = codec.Boot;
        ReadOnlySpan<ulong> differing = codec.Differing;
        for (int i = 0; i < differing.Length; i++)
        {
            for (ulong words = differing[i] & _words[i]; words != 0; words &= words - 1)
            {
                int word = (i * Chunk) + BitOperations.TrailingZeroCount(words);
                key += hasher.Growth(word, (long)memory[word] - boot[word]);
            }
        }

        foreach (int word in _others)
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
