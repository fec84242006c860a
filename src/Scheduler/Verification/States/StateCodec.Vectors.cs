using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Verification.States;

/// <content>The same for processors that pack 64 bytes at once (AVX-512 VBMI2): no branch depends on a state.</content>
internal sealed partial class StateCodec
{
    private const int Quarter = Chunk / 4;

    // Bit i of a mask is wanted at byte i: which byte of the mask that is, in each half of a quarter, and which bit.
    private static readonly Vector512<byte> s_maskBytes = Vector512.Create(
        Vector256.Create(BytesFrom(0), BytesFrom(2)), Vector256.Create(BytesFrom(4), BytesFrom(6)));

    private static readonly Vector512<byte> s_maskBits = Vector512.Create(0x8040_2010_0804_0201UL).AsByte();

    private int EncodeByVectors(ReadOnlySpan<int> memory, Span<byte> target, ref int wides)
    {
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
            ReadOnlySpan<int> chunk = ChunkOf(memory, first);
            Vector512<byte> bytes = Vector512.Create(
                Vector256.Create(NarrowQuarter(chunk, boot, 0), NarrowQuarter(chunk, boot, 1)),
                Vector256.Create(NarrowQuarter(chunk, boot, 2), NarrowQuarter(chunk, boot, 3)));
            Vector512<byte> differs = ~Vector512.Equals(bytes, Vector512<byte>.Zero);
            ulong mask = differs.ExtractMostSignificantBits();
            _masks[first / Chunk] = mask;
            WriteMask(target[(first / 8).._maskBytes], mask);
            Avx512Vbmi2.Compress(Vector512<byte>.Zero, differs, bytes).CopyTo(target[at..]);
            at += BitOperations.PopCount(mask);

            ulong wide = Vector512.Equals(bytes, Vector512<byte>.AllBitsSet).ExtractMostSignificantBits();
            for (; wide != 0; wide &= wide - 1)
            {
                int word = BitOperations.TrailingZeroCount(wide);
                _wide[wides++] = Unsigned(chunk[word] - boot[word]);
            }
        }

        return at;
    }

    private int DecodeByVectors(ReadOnlySpan<byte> source, Span<int> memory, ref int wides)
    {
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            ulong mask = ReadMask(source[(first / 8).._maskBytes]);
            Vector512<byte> present = Vector512.Equals(
                Avx512BW.Shuffle(Vector512.Create(mask).AsByte(), s_maskBytes) & s_maskBits, s_maskBits);
            Vector512<byte> bytes = Avx512Vbmi2.Expand(Vector512<byte>.Zero, present, BytesAt(source[at..]));
            at += BitOperations.PopCount(mask);
            WidenChunk(bytes, first, memory);

            ulong wide = Vector512.Equals(bytes, Vector512<byte>.AllBitsSet).ExtractMostSignificantBits();
            for (; wide != 0; wide &= wide - 1)
                _wideAt[wides++] = first + BitOperations.TrailingZeroCount(wide);
        }

        return at;
    }

    private static Vector128<byte> NarrowQuarter(ReadOnlySpan<int> chunk, ReadOnlySpan<int> boot, int quarter)
    {
        Vector512<int> difference = Vector512.Create(chunk.Slice(quarter * Quarter, Quarter))
            - Vector512.Create(boot.Slice(quarter * Quarter, Quarter));
        return Avx512F.ConvertToVector128ByteWithSaturation(((difference << 1) ^ (difference >> 31)).AsUInt32());
    }

    private void WidenChunk(Vector512<byte> bytes, int first, Span<int> memory)
    {
        bool isWhole = first + Chunk <= _words;
        Span<int> chunk = isWhole ? memory.Slice(first, Chunk) : _padded;
        ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
        WidenQuarter(bytes.GetLower().GetLower(), boot, chunk, 0);
        WidenQuarter(bytes.GetLower().GetUpper(), boot, chunk, 1);
        WidenQuarter(bytes.GetUpper().GetLower(), boot, chunk, 2);
        WidenQuarter(bytes.GetUpper().GetUpper(), boot, chunk, 3);
        if (!isWhole)
            _padded.AsSpan(0, _words - first).CopyTo(memory[first..]);
    }

    private static void WidenQuarter(Vector128<byte> bytes, ReadOnlySpan<int> boot, Span<int> chunk, int quarter)
    {
        Vector512<int> number = Avx512F.ConvertToVector512Int32(bytes);
        Vector512<int> difference = (number >> 1) ^ -(number & Vector512<int>.One);
        (Vector512.Create(boot.Slice(quarter * Quarter, Quarter)) + difference)
            .CopyTo(chunk.Slice(quarter * Quarter, Quarter));
    }

    // What comes behind them does not matter, but there may be no memory.
    private Vector512<byte> BytesAt(ReadOnlySpan<byte> source)
    {
        if (source.Length >= Chunk)
            return Vector512.Create(source);

        source.CopyTo(_last);
        return Vector512.Create(_last);
    }

    private static Vector128<byte> BytesFrom(int first) =>
        Vector128.Create(Vector64.Create((byte)first), Vector64.Create((byte)(first + 1)));
}
