using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>A sum of products of 128 bits, in two halves, as only those stay in registers.</summary>
internal struct HashSum
{
    private ulong _low;
    private ulong _high;

    internal readonly UInt128 Value => new(_high, _low);

    /// <summary>Adds so many times a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(UInt128 key, long factor) => Add((ulong)key, (ulong)(key >> 64), factor);

    /// <summary>Adds so many times what a key is greater than another one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(UInt128 key, UInt128 less, long factor)
    {
        var low = (ulong)key;
        var lessLow = (ulong)less;
        ulong borrow = low < lessLow ? 1UL : 0UL;
        Add(low - lessLow, (ulong)(key >> 64) - (ulong)(less >> 64) - borrow, factor);
    }

    /// <summary>Adds a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(UInt128 value)
    {
        var low = (ulong)value;
        _low += low;
        _high += (ulong)(value >> 64) + (_low < low ? 1UL : 0UL);
    }

    /// <summary>Adds one value, and takes another one away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(UInt128 value, UInt128 less)
    {
        Add(value);
        var low = (ulong)less;
        ulong borrow = _low < low ? 1UL : 0UL;
        _low -= low;
        _high -= (ulong)(less >> 64) + borrow;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(ulong low, ulong high, long factor)
    {
        ulong more = Math.BigMul(low, (ulong)factor, out ulong lowest);

        // The factor was taken for 2^64 more if it is negative.
        more += (high * (ulong)factor) - (low & (ulong)(factor >> 63));
        _low += lowest;
        _high += more + (_low < lowest ? 1UL : 0UL);
    }
}
