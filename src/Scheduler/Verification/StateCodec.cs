using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Packs a state, memory and the numbers of its stacks, into few bytes: only what differs from the booted machine.</summary>
/// <remarks>A mask byte for each 8 words, then the changed words of those 8 as variable-length differences; equal states have equal bytes.</remarks>
internal sealed class StateCodec
{
    private const int Group = 8;

    private readonly int[] _boot; // Whole groups; words past the end of the state are 0.
    private readonly int[] _padded;
    private readonly int _words;
    private readonly int _contexts;

    internal StateCodec(int[] boot, int words, int contexts)
    {
        _words = words;
        _contexts = contexts;
        _boot = new int[(words + Group - 1) / Group * Group];
        _padded = new int[_boot.Length];
        boot.AsSpan(0, words).CopyTo(_boot);
    }

    /// <summary>The most bytes that a state can take.</summary>
    internal int BytesMax => (_boot.Length / Group) + ((_words + _contexts) * 5);

    internal int Encode(ReadOnlySpan<int> memory, ReadOnlySpan<int> stacks, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, BytesMax);
        ref byte start = ref MemoryMarshal.GetReference(target);
        ref byte at = ref start;
        int whole = _words / Group * Group;
        for (int group = 0; group < whole; group += Group)
            at = ref EncodeGroup(ref at, memory[group..(group + Group)], _boot.AsSpan(group, Group));

        if (whole < _words)
        {
            memory[whole.._words].CopyTo(_padded);
            at = ref EncodeGroup(ref at, _padded.AsSpan(0, Group), _boot.AsSpan(whole, Group));
        }

        foreach (int stack in stacks)
            at = ref Write(ref at, (uint)stack);

        return (int)Unsafe.ByteOffset(ref start, ref at);
    }

    /// <summary>The number of bytes read.</summary>
    internal int Decode(ReadOnlySpan<byte> source, Span<int> memory, Span<int> stacks)
    {
        _boot.AsSpan(0, _words).CopyTo(memory);
        int at = 0;
        for (int group = 0; group < _words; group += Group)
        {
            for (int mask = source[at++]; mask != 0; mask &= mask - 1)
            {
                uint zigzag = Read(source, ref at);
                memory[group + BitOperations.TrailingZeroCount(mask)] += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            }
        }

        for (int context = 0; context < _contexts; context++)
            stacks[context] = (int)Read(source, ref at);

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte EncodeGroup(ref byte at, ReadOnlySpan<int> memory, ReadOnlySpan<int> boot)
    {
        Vector256<int> differences = Vector256.Create(memory) - Vector256.Create(boot);
        uint mask = ~Vector256.Equals(differences, Vector256<int>.Zero).ExtractMostSignificantBits() & 0xFF;
        at = (byte)mask;
        at = ref Unsafe.Add(ref at, 1);
        for (; mask != 0; mask &= mask - 1)
        {
            int word = BitOperations.TrailingZeroCount(mask);
            int difference = memory[word] - boot[word];
            at = ref Write(ref at, (uint)((difference << 1) ^ (difference >> 31)));
        }

        return ref at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Write(ref byte at, uint value)
    {
        while (value >= 0x80)
        {
            at = (byte)(value | 0x80);
            at = ref Unsafe.Add(ref at, 1);
            value >>= 7;
        }

        at = (byte)value;
        return ref Unsafe.Add(ref at, 1);
    }

    private static uint Read(ReadOnlySpan<byte> source, ref int at)
    {
        uint value = source[at++];
        if (value < 0x80)
            return value;

        value &= 0x7F;
        for (int shift = 7; ; shift += 7)
        {
            byte next = source[at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
