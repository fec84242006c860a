using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// Packs a state, memory and the numbers of its stacks, into few bytes: only what differs from the booted machine.
/// </summary>
/// <remarks>
/// First a bit for each word, set if it differs; then the differences, then the stacks. Equal states have equal bytes.
/// A number takes as many bytes as its lowest byte has zeros at the end, and one more, so that no branch depends on it.
/// </remarks>
internal sealed class StateCodec
{
    private const int Chunk = 64; // Words to one mask.
    private const int NumberBytesMax = 5;

    private readonly int[] _boot; // Whole chunks; words past the end of the state are 0.
    private readonly int[] _padded;
    private readonly int _words;
    private readonly int _contexts;
    private readonly int _maskBytes;

    internal StateCodec(int[] boot, int words, int contexts)
    {
        _words = words;
        _contexts = contexts;
        _maskBytes = (words + 7) / 8;
        _boot = new int[(words + Chunk - 1) / Chunk * Chunk];
        _padded = new int[Chunk];
        boot.AsSpan(0, words).CopyTo(_boot);
    }

    /// <summary>Number of contexts, each with a stack.</summary>
    internal int Contexts => _contexts;

    /// <summary>
    /// The room that <see cref="Encode"/> needs: the most bytes that a state can take, and some that it overwrites.
    /// </summary>
    internal int BytesMax => (_boot.Length / 8) + ((_words + _contexts) * NumberBytesMax) + sizeof(ulong);

    /// <summary>The number of bytes written.</summary>
    internal int Encode(ReadOnlySpan<int> memory, ReadOnlySpan<int> stacks, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, BytesMax);
        ref byte start = ref MemoryMarshal.GetReference(target);
        ref byte at = ref Unsafe.Add(ref start, _maskBytes);
        for (int first = 0; first < _words; first += Chunk)
        {
            ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
            ReadOnlySpan<int> chunk = ChunkOf(memory, first);
            ulong mask = Differences(chunk, boot);
            WriteMask(target[(first / 8).._maskBytes], mask);
            for (; mask != 0; mask &= mask - 1)
            {
                int word = BitOperations.TrailingZeroCount(mask);
                int difference = chunk[word] - boot[word];
                at = ref Write(ref at, (uint)((difference << 1) ^ (difference >> 31)));
            }
        }

        foreach (int stack in stacks)
            at = ref Write(ref at, (uint)stack);

        return (int)Unsafe.ByteOffset(ref start, ref at);
    }

    internal void Decode(ReadOnlySpan<byte> source, Span<int> memory, Span<int> stacks)
    {
        _boot.AsSpan(0, _words).CopyTo(memory);
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            for (ulong mask = ReadMask(source[(first / 8).._maskBytes]); mask != 0; mask &= mask - 1)
            {
                uint zigzag = Read(source, ref at);
                memory[first + BitOperations.TrailingZeroCount(mask)] += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            }
        }

        for (int context = 0; context < _contexts; context++)
            stacks[context] = (int)Read(source, ref at);
    }

    private ReadOnlySpan<int> ChunkOf(ReadOnlySpan<int> memory, int first)
    {
        if (first + Chunk <= _words)
            return memory.Slice(first, Chunk);

        memory[first.._words].CopyTo(_padded);
        return _padded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Differences(ReadOnlySpan<int> chunk, ReadOnlySpan<int> boot)
    {
        ulong mask = 0;
        for (int word = 0; word < Chunk; word += Vector256<int>.Count)
        {
            Vector256<int> same = Vector256.Equals(Vector256.Create(chunk[word..]), Vector256.Create(boot[word..]));
            mask |= (ulong)(~same.ExtractMostSignificantBits() & 0xFF) << word;
        }

        return mask;
    }

    private static void WriteMask(Span<byte> target, ulong mask)
    {
        if (BinaryPrimitives.TryWriteUInt64LittleEndian(target, mask))
            return;

        for (int i = 0; i < target.Length; i++)
            target[i] = (byte)(mask >> (8 * i));
    }

    private static ulong ReadMask(ReadOnlySpan<byte> source)
    {
        if (BinaryPrimitives.TryReadUInt64LittleEndian(source, out ulong mask))
            return mask;

        for (int i = 0; i < source.Length; i++)
            mask |= (ulong)source[i] << (8 * i);

        return mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Write(ref byte at, uint value)
    {
        int bits = 32 - BitOperations.LeadingZeroCount(value | 1);
        int length = ((bits + 6) * 37) >> 8; // (bits + 6) / 7
        Unsafe.WriteUnaligned(ref at, ((ulong)value << length) | (1UL << (length - 1)));
        return ref Unsafe.Add(ref at, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(ReadOnlySpan<byte> source, ref int at)
    {
        ReadOnlySpan<byte> rest = source[at..];
        ulong bytes = rest.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(rest) : ReadLast(rest);
        int length = BitOperations.TrailingZeroCount(bytes) + 1;
        at += length;
        return (uint)((bytes & ((1UL << (8 * length)) - 1)) >> length);
    }

    private static ulong ReadLast(ReadOnlySpan<byte> source)
    {
        ulong bytes = 0;
        for (int i = 0; i < source.Length; i++)
            bytes |= (ulong)source[i] << (8 * i);

        return bytes;
    }
}
