using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// What one part of the check of states has looked at, and a hash of what it has seen there whenever it held.
/// </summary>
/// <remarks>
/// The hash is that of states (<see cref="StateHasher"/>), over how these words differ from the boot, and a second one
/// of 64 bits: that different sights have equal hashes is 2^32 times less likely than that different states have. When
/// another word comes to them, all that was kept is forgotten, as it says nothing of that word; and when there is too
/// much of it. One thread, one object.
/// </remarks>
/// <param name="codec">Who has packed the states that are looked at.</param>
/// <param name="hasher">Who hashes.</param>
internal sealed class CleanKeys(StateCodec codec, StateHasher hasher)
{
    private const int PlacesMax = 1 << 18; // 8 MiB.
    private const int Chunk = 64;

    private readonly ulong[] _words = new ulong[codec.Differing.Length]; // A bit for each word that is packed.
    private readonly List<int> _others = []; // Words behind these: hashes of stacks.
    private Key[] _keys = new Key[256]; // Open addressing, a power of two, at most half full.
    private int _used;

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
    internal Key KeyOf(int[] memory)
    {
        UInt128 sum = UInt128.Zero;
        ulong other = 0;
        ReadOnlySpan<int> boot = codec.Boot;
        ReadOnlySpan<ulong> differing = codec.Differing;
        for (int i = 0; i < differing.Length; i++)
        {
            for (ulong words = differing[i] & _words[i]; words != 0; words &= words - 1)
            {
                int word = (i * Chunk) + BitOperations.TrailingZeroCount(words);
                long growth = (long)memory[word] - boot[word];
                sum += hasher.Growth(word, growth);
                other += hasher.OtherGrowth(word, growth);
            }
        }

        foreach (int word in _others)
        {
            sum += hasher.Growth(word, memory[word]);
            other += hasher.OtherGrowth(word, memory[word]);
        }

        return new Key(sum, other, IsTaken: true);
    }

    /// <summary>Whether the part held where it saw the same.</summary>
    internal bool Contains(Key key) => _keys[PlaceOf(key)].IsTaken;

    /// <summary>The part holds where it sees this.</summary>
    internal void Keep(Key key)
    {
        ref Key place = ref _keys[PlaceOf(key)];
        if (place.IsTaken)
            return;

        place = key;
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

        Key[] old = _keys;
        _keys = new Key[old.Length * 2];
        foreach (Key key in old)
        {
            if (key.IsTaken)
                _keys[PlaceOf(key)] = key;
        }
    }

    private void Forget()
    {
        Array.Clear(_keys);
        _used = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(Key key)
    {
        Key[] keys = _keys;
        int mask = keys.Length - 1;
        int place = (int)(ulong)(key.Sum >> 64) & mask;
        while (keys[place].IsTaken && keys[place] != key)
            place = (place + 1) & mask;

        return place;
    }

    /// <summary>What was seen, as two hashes.</summary>
    internal readonly record struct Key(UInt128 Sum, ulong Other, bool IsTaken);
}
