using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>Protocol Buffers as they stand in a file: as much of the encoding as a Perfetto trace needs.</summary>
internal sealed class ProtoWriter
{
    private const int Varint = 0;
    private const int Fixed64Bits = 1;
    private const int Length = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    internal ProtoWriter Number(int field, long value)
    {
        Raw(((ulong)field << 3) | Varint);
        Raw((ulong)value);
        return this;
    }

    internal ProtoWriter Fixed64(int field, ulong value)
    {
        Raw(((ulong)field << 3) | Fixed64Bits);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
        return this;
    }

    internal ProtoWriter Text(int field, string value) => Block(field, Encoding.UTF8.GetBytes(value));

    internal ProtoWriter Message(int field, ProtoWriter message) => Block(field, message.Bytes);

    private ProtoWriter Block(int field, ReadOnlySpan<byte> bytes)
    {
        Raw(((ulong)field << 3) | Length);
        Raw((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    // Seven bits a byte, the lowest first; the highest bit says that more follow.
    private void Raw(ulong value)
    {
        Span<byte> bytes = _bytes.GetSpan(10);
        int count = 0;
        while (value >= 0x80)
        {
            bytes[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[count++] = (byte)value;
        _bytes.Advance(count);
    }
}
