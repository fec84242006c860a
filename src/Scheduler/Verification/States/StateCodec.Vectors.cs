using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kmaplab.Scheduler.Verification.States;

/// <content>The same for processors that pack many bytes at once: no branch depends on a state.</content>
internal sealed partial class StateCodec
{
    private const int Quarter = Chunk / 4;
    private const int Group = sizeof(ulong);
    private const ulong BitOfEachByte = 0x0101_0101_0101_0101;

    // Bit i of a mask is wanted at byte i: which byte of the mask that is, in each half of a quarter, and which bit.
    private static readonly Vector512<byte> s_maskBytes = Vector512.Create(
        Vector256.Create(BytesFrom(0), BytesFrom(2)), Vector256.Create(BytesFrom(4), BytesFrom(6)));

    private static readonly Vector512<byte> s_maskBits = Vector512.Create(0x8040_2010_0804_0201UL).AsByte();

    private int EncodeGroups(ReadOnlySpan<int> memory, Span<byte> target, out int wides)
    {
        wides = 0;
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
            ReadOnlySpan<int> chunk = ChunkOf(memory, first);
            (ulong mask, ulong wide) = (0, 0);
            for (int group = 0; group < Chunk; group += Group)
            {
                Vector256<int> difference = Vector256.Create(chunk[group..]) - Vector256.Create(boot[group..]);
                Vector256<uint> number = Vector256.Min(
                    ((difference << 1) ^ (difference >> 31)).AsUInt32(), Vector256.Create((uint)Wide));
                Vector128<ushort> half = Vector128.Narrow(number.GetLower(), number.GetUpper());
                ulong bytes = Vector128.Narrow(half, half).AsUInt64().ToScalar();
                uint differs = BitsOf(~Vector256.Equals(number, Vector256<uint>.Zero));
                BinaryPrimitives.WriteUInt64LittleEndian(
                    target[at..], Bmi2.X64.ParallelBitExtract(bytes, BytesOf(differs)));
                at += BitOperations.PopCount(differs);
                mask |= (ulong)differs << group;
                wide |= (ulong)BitsOf(Vector256.Equals(number, Vector256.Create((uint)Wide))) << group;
            }

            _masks[first / Chunk] = mask;
            WriteMask(target[(first / 8).._maskBytes], mask);
            for (; wide != 0; wide &= wide - 1)
            {
                int word = BitOperations.TrailingZeroCount(wide);
                _wide[wides++] = Unsigned(chunk[word] - boot[word]);
            }
        }

        return at;
    }

    private int DecodeGroups(ReadOnlySpan<byte> source, Span<int> memory, out int wides)
    {
        wides = 0;
        int at = _maskBytes;
        for (int first = 0; first < _words; first += Chunk)
        {
            ulong mask = ReadMask(source[(first / 8).._maskBytes]);
            bool isWhole = first + Chunk <= _words;
            Span<int> chunk = isWhole ? memory.Slice(first, Chunk) : _padded;
            ReadOnlySpan<int> boot = _boot.AsSpan(first, Chunk);
            ulong wide = 0;
            for (int group = 0; group < Chunk; group += Group)
            {
                uint differs = (uint)(mask >> group) & 0xFF;
                ulong bytes = Bmi2.X64.ParallelBitDeposit(GroupAt(source[at..]), BytesOf(differs));
                at += BitOperations.PopCount(differs);
                Vector256<int> number = Avx2.ConvertToVector256Int32(Vector128.CreateScalar(bytes).AsByte());
                Vector256<int> difference = (number >>> 1) ^ -(number & Vector256<int>.One);
                (Vector256.Create(boot[group..]) + difference).CopyTo(chunk[group..]);
                wide |= (ulong)BitsOf(Vector256.Equals(number, Vector256.Create((int)Wide)).AsUInt32()) << group;
            }

            if (!isWhole)
                _padded.AsSpan(0, _words - first).CopyTo(memory[first..]);

            for (; wide != 0; wide &= wide - 1)
                _wideAt[wides++] = first + BitOperations.TrailingZeroCount(wide);
        }

        return at;
    }

    private static uint BitsOf(Vector256<uint> lanes) => lanes.ExtractMostSignificantBits();

    // All bits of each byte of which the mask has a bit.
    private static ulong BytesOf(uint mask) => Bmi2.X64.ParallelBitDeposit(mask, BitOfEachByte) * 0xFF;

    // As BytesAt.
    private static ulong GroupAt(ReadOnlySpan<byte> source)
    {
        if (BinaryPrimitives.TryReadUInt64LittleEndian(source, out ulong group))
            return group;

        for (int i = 0; i < source.Length; i++)
            group |= (ulong)source[i] << (8 * i);

        return group;
    }

    private int EncodeByVectors(ReadOnlySpan<int> memory, Span<byte> target, out int wides)
    {
        wides = 0;
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

    private int DecodeByVectors(ReadOnlySpan<byte> source, Span<int> memory, out int wides)
    {
        wides = 0;
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
