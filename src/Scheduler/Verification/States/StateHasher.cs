using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// Hashes states to 128 bits, so that the hash of a successor follows from what the transition has changed.
/// </summary>
/// <remarks>
/// The sum of key times word over all words, modulo 2^128, with a random odd key of 128 bits for each word (multilinear
/// hashing, D. Lemire and O. Kaser, "Strongly universal string hashing is fast", 2014). Two given states that differ
/// collide for at most one in 2^97 choices of the keys, however they differ: two words differ by at most 31 factors of
/// 2.
/// </remarks>
internal sealed class StateHasher
{
    /// <summary>
    /// The probability, over the choice of the keys, that two given different states have the same hash.
    /// </summary>
    internal static readonly double CollisionProbability = Math.Pow(2, -97);

    private readonly UInt128[] _keys;
    private readonly ulong[] _otherKeys; // For a second hash, of 64 bits.
    private readonly int[] _words;
    private readonly int[] _values;

    internal StateHasher(int words)
    {
        ulong seed = 0x6b6d_6170_5f68_6967;
        _keys = new UInt128[words];
        for (int word = 0; word < words; word++)
            _keys[word] = new UInt128(Mix(seed += 0x9E37_79B9_7F4A_7C15), Mix(seed += 0x9E37_79B9_7F4A_7C15) | 1);

        _otherKeys = new ulong[words];
        for (int word = 0; word < words; word++)
            _otherKeys[word] = Mix(seed += 0x9E37_79B9_7F4A_7C15) | 1;

        _words = new int[words];
        _values = new int[words];
    }

    /// <summary>The words in which the last state given to <see cref="Next"/> differs.</summary>
    internal ReadOnlySpan<int> ChangedWords => _words.AsSpan(0, Changes);

    /// <summary>The values that it has there.</summary>
    internal ReadOnlySpan<int> ChangedValues => _values.AsSpan(0, Changes);

    private int Changes { get; set; }

    internal UInt128 Hash(ReadOnlySpan<int> memory)
    {
        UInt128 hash = UInt128.Zero;
        for (int word = 0; word < memory.Length; word++)
            hash += Product(_keys[word], memory[word]);

        return hash;
    }

    /// <summary>
    /// The hash of <paramref name="after"/>, if that of <paramref name="before"/> is <paramref name="hash"/>.
    /// </summary>
    internal UInt128 Next(UInt128 hash, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        Changes = 0;
        int word = 0;
        for (; word + Vector256<int>.Count <= before.Length; word += Vector256<int>.Count)
        {
            Vector256<int> same = Vector256.Equals(Vector256.Create(before[word..]), Vector256.Create(after[word..]));
            for (uint mask = ~same.ExtractMostSignificantBits() & 0xFF; mask != 0; mask &= mask - 1)
                KeepChange(word + BitOperations.TrailingZeroCount(mask), after);
        }

        for (; word < before.Length; word++)
        {
            if (before[word] != after[word])
                KeepChange(word, after);
        }

        return With(hash, before, ChangedWords, ChangedValues);
    }

    /// <summary>For each word by what it is multiplied.</summary>
    internal ReadOnlySpan<UInt128> Keys => _keys;

    /// <summary>What a word adds to a hash if it grows by so much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UInt128 Growth(int word, long growth) => Product(_keys[word], growth);

    /// <summary>What a word that grows by so much adds to a second hash, which knows nothing of the first.</summary>
    internal ulong OtherGrowth(int word, long growth) => _otherKeys[word] * (ulong)growth;

    /// <summary>
    /// The hash of a state that differs from <paramref name="before"/>, whose hash is <paramref name="hash"/>, in some
    /// words.
    /// </summary>
    internal UInt128 With(UInt128 hash, ReadOnlySpan<int> before, ReadOnlySpan<int> words, ReadOnlySpan<int> values)
    {
        // The sum in two halves, as only those stay in registers.
        UInt128[] keys = _keys;
        var low = (ulong)hash;
        var high = (ulong)(hash >> 64);
        for (int i = 0; i < words.Length; i++)
        {
            UInt128 product = Product(keys[words[i]], (long)values[i] - before[words[i]]);
            var more = (ulong)product;
            low += more;
            high += (ulong)(product >> 64) + (low < more ? 1UL : 0UL);
        }

        return new UInt128(high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void KeepChange(int word, ReadOnlySpan<int> after)
    {
        _words[Changes] = word;
        _values[Changes] = after[word];
        Changes++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Product(UInt128 key, long factor)
    {
        var low = (ulong)key;
        ulong high = Math.BigMul(low, (ulong)factor, out ulong lowest);

        // The factor was taken for 2^64 more if it is negative.
        high += ((ulong)(key >> 64) * (ulong)factor) - (low & (ulong)(factor >> 63));
        return new UInt128(high, lowest);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
