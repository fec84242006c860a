using System.Numerics;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Packs a state, memory and the numbers of its stacks, into few bytes: only what differs from the booted machine.</summary>
/// <remarks>A mask byte for each 8 words, then the changed words of those 8 as variable-length differences; equal states have equal bytes.</remarks>
internal sealed class StateCodec(int[] boot, int words, int contexts)
{
    /// <summary>The most bytes that a state can take.</summary>
    internal int BytesMax => ((words + 7) / 8) + ((words + contexts) * 5);

    internal int Encode(ReadOnlySpan<int> memory, ReadOnlySpan<int> stacks, Span<byte> target)
    {
        int at = 0;
        for (int group = 0; group < words; group += 8)
        {
            int end = Math.Min(group + 8, words);
            int maskAt = at++;
            int mask = 0;
            for (int word = group; word < end; word++)
            {
                int difference = memory[word] - boot[word];
                if (difference == 0)
                    continue;

                mask |= 1 << (word - group);
                at = Write(target, at, (uint)((difference << 1) ^ (difference >> 31)));
            }

            target[maskAt] = (byte)mask;
        }

        foreach (int stack in stacks)
            at = Write(target, at, (uint)stack);

        return at;
    }

    /// <summary>The number of bytes read.</summary>
    internal int Decode(ReadOnlySpan<byte> source, Span<int> memory, Span<int> stacks)
    {
        boot.AsSpan(0, words).CopyTo(memory);
        int at = 0;
        for (int group = 0; group < words; group += 8)
        {
            for (int mask = source[at++]; mask != 0; mask &= mask - 1)
            {
                uint zigzag = Read(source, ref at);
                memory[group + BitOperations.TrailingZeroCount(mask)] += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            }
        }

        for (int context = 0; context < contexts; context++)
            stacks[context] = (int)Read(source, ref at);

        return at;
    }

    private static int Write(Span<byte> target, int at, uint value)
    {
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }

    private static uint Read(ReadOnlySpan<byte> source, ref int at)
    {
        uint value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = source[at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
