using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// Packs a state, memory and the numbers of its stacks, into few bytes: only what differs from the booted machine.
/// </summary>
/// <remarks>
/// First a bit for each word, set if it differs; then a byte for each difference and each stack; then the four bytes of
/// those that do not fit into one. Equal states have equal bytes. Where a byte goes depends on no other one, and nearly
/// all numbers are small, so no step of the loops waits for the one before.
/// </remarks>
internal sealed partial class StateCodec
{
    private const int Chunk = 64; // Words to one mask.
    private const byte Wide = byte.MaxValue; // Such a number, or a greater one, is behind the bytes.

    private readonly int[] _boot; // Whole chunks; words past the end of the state are 0.
    private readonly int[] _padded = new int[Chunk];
    private readonly byte[] _last = new byte[Chunk];
    private readonly ulong[] _masks; // Of the state that was packed last.
    private readonly StatePacking _packing;
    private readonly uint[] _wide; // Numbers that do not fit into a byte,
    private readonly int[] _wideAt; // and to which word or stack each belongs.
    private readonly int _words;
    private readonly int _contexts;
    private readonly int _maskBytes;

    /// <summary>
    /// Packs states of so many words and stacks, in the fastest way that the processor has up to
    /// <paramref name="fastest"/>.
    /// </summary>
    internal StateCodec(int[] boot, int words, int contexts, StatePacking fastest = StatePacking.Chunks)
    {
        _packing = fastest >= StatePacking.Chunks && Avx512Vbmi2.IsSupported && Avx512BW.IsSupported
            ? StatePacking.Chunks
            : fastest >= StatePacking.Groups && Bmi2.X64.IsSupported && Avx2.IsSupported
            ? StatePacking.Groups
            : StatePacking.Words;
        _words = words;
        _contexts = contexts;
        _maskBytes = (words + 7) / 8;
        _boot = new int[(words + Chunk - 1) / Chunk * Chunk];
        _masks = new ulong[_boot.Length / Chunk];
        _wide = new uint[_boot.Length + contexts + 1]; // One more, as it is written before it is known to count.
        _wideAt = new int[_wide.Length];
        boot.AsSpan(0, words).CopyTo(_boot);
    }

    /// <summary>The most bytes that a state can take, and some more that are written.</summary>
    internal int BytesMax => _maskBytes + ((_words + _contexts) * (1 + sizeof(uint))) + Chunk;

    /// <summary>For each word of the state that was packed last a bit: whether it differs from the boot.</summary>
    internal ReadOnlySpan<ulong> Differing => _masks;

    /// <summary>What words are at boot, of those that are packed.</summary>
    internal ReadOnlySpan<int> Boot => _boot.AsSpan(0, _words);

    /// <summary>Number of contexts, each with a stack.</summary>
    internal int Contexts => _contexts;

    /// <summary>The number of bytes written.</summary>
    internal int Encode(ReadOnlySpan<int> memory, ReadOnlySpan<int> stacks, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, BytesMax);
        int wides;
        int at = _packing switch
        {
            StatePacking.Chunks => EncodeByVectors(memory, target, out wides),
            StatePacking.Groups => EncodeGroups(memory, target, out wides),
            _ => EncodeWords(memory, target, out wides),
        };
        foreach (int stack in stacks)
        {
            _wide[wides] = (uint)stack;
            wides += (uint)stack >= Wide ? 1 : 0;
            target[at++] = (byte)Math.Min((uint)stack, Wide);
        }

        MemoryMarshal.AsBytes(_wide.AsSpan(0, wides)).CopyTo(target[at..]);
        return at + (wides * sizeof(uint));
    }

    private int EncodeWords(ReadOnlySpan<int> memory, Span<byte> target, out int wideNumbers)
    {
        int wides = 0; // A local, as what others see is no register.
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
            ReadOnlySpan<int> chunk = ChunkOf(memory, first);
            ulong mask = Differences(chunk, boot);
            _masks[first / Chunk] = mask;
            WriteMask(target[(first / 8).._maskBytes], mask);
            for (; mask != 0; mask &= mask - 1)
            {
                int word = BitOperations.TrailingZeroCount(mask);
                uint number = Unsigned(chunk[word] - boot[word]);
                _wide[wides] = number;
                wides += number >= Wide ? 1 : 0;
                target[at++] = (byte)Math.Min(number, Wide);
            }
        }

        wideNumbers = wides;
        return at;
    }

    internal void Decode(ReadOnlySpan<byte> source, Span<int> memory, Span<int> stacks)
    {
        int wides;
        int at = _packing switch
        {
            StatePacking.Chunks => DecodeByVectors(source, memory, out wides),
            StatePacking.Groups => DecodeGroups(source, memory, out wides),
            _ => DecodeWords(source, memory, out wides),
        };
        int wideWords = wides;
        for (int context = 0; context < _contexts; context++)
        {
            byte narrow = source[at++];
            _wideAt[wides] = context;
            wides += narrow == Wide ? 1 : 0;
            stacks[context] = narrow;
        }

        if (wides > 0)
            DecodeWide(source.Slice(at, wides * sizeof(uint)), wideWords, memory, stacks);
    }

    private int DecodeWords(ReadOnlySpan<byte> source, Span<int> memory, out int wideNumbers)
    {
        _boot.AsSpan(0, _words).CopyTo(memory);
        int[] wideAt = _wideAt;
        int wides = 0; // A local, as what others see is no register.
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            for (ulong mask = ReadMask(source[(first / 8).._maskBytes]); mask != 0; mask &= mask - 1)
            {
                int word = first + BitOperations.TrailingZeroCount(mask);
                byte narrow = source[at++];
                wideAt[wides] = word;
                wides += narrow == Wide ? 1 : 0;
                memory[word] += Signed(narrow);
            }
        }

        wideNumbers = wides;
        return at;
    }

    private void DecodeWide(ReadOnlySpan<byte> source, int words, Span<int> memory, Span<int> stacks)
    {
        for (int i = 0; i < source.Length / sizeof(uint); i++)
        {
            uint number = MemoryMarshal.Read<uint>(source[(i * sizeof(uint))..]);
            int at = _wideAt[i];
            if (i < words)
                memory[at] = _boot[at] + Signed(number);
            else
                stacks[at] = (int)number;
        }
    }

    private static uint Unsigned(int difference) => (uint)((difference << 1) ^ (difference >> 31));

    private static int Signed(uint number) => (int)(number >> 1) ^ -(int)(number & 1);

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
}

/// <summary>How many words are packed at once: this changes no byte.</summary>
internal enum StatePacking
{
    /// <summary>One.</summary>
    Words,

    /// <summary>Eight, for processors that move bits about (BMI2), with AVX2.</summary>
    Groups,

    /// <summary>64, for processors that pack bytes (AVX-512 VBMI2).</summary>
    Chunks,
}
