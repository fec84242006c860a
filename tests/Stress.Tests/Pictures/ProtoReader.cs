using System.Buffers.Binary;
using System.Text;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>Reads Protocol Buffers, independently of what writes them.</summary>
internal sealed class ProtoReader
{
    private readonly List<(int Field, object Value)> _fields = [];

    internal ProtoReader(byte[] bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            ulong key = Varint(bytes, ref at);
            int field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((field, Varint(bytes, ref at)));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at, 8))));
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(bytes, ref at);
                    _fields.Add((field, bytes[at..(at + length)]));
                    at += length;
                    break;
                default:
                    throw new FormatException($"wire type {key & 7} at {at}");
            }
        }
    }

    internal IEnumerable<ulong> Numbers(int field) => Of<ulong>(field);

    internal ulong Number(int field) => Numbers(field).Single();

    internal string Text(int field) => Encoding.UTF8.GetString(Of<byte[]>(field).Single());

    internal bool Has(int field) => _fields.Exists(found => found.Field == field);

    internal IEnumerable<ProtoReader> Messages(int field) => Of<byte[]>(field).Select(bytes => new ProtoReader(bytes));

    private IEnumerable<T> Of<T>(int field) => _fields.Where(found => found.Field == field).Select(found => (T)found.Value);

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
    }
}
