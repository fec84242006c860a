using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>What a block of a recording is, by its first byte.</summary>
internal enum BlockTag : byte
{
    /// <summary>A run begins: how many steps and tasks it has, and with which memory.</summary>
    Begin = (byte)'b',

    /// <summary>Names of what had none yet, and what each task did next.</summary>
    Steps = (byte)'s',

    /// <summary>A run ends: what was found, and the words in the end.</summary>
    End = (byte)'e',

    /// <summary>No run comes any more.</summary>
    Over = (byte)'o',
}

/// <summary>The memory with which a run begins.</summary>
internal enum RunStart : byte
{
    /// <summary>As it is booted.</summary>
    Booted,

    /// <summary>As the run before has left it.</summary>
    AsLeft,

    /// <summary>As it is written.</summary>
    Given,
}

/// <summary>Puts blocks into a stream: length, packed bytes, and a checksum of all so far.</summary>
internal sealed class BlockSink
{
    internal const int LengthBytes = sizeof(int);
    internal const int ChecksumBytes = sizeof(ulong);
    internal const int BytesMax = 1 << 24;

    private readonly Stream _stream;
    private ulong _checksum;

    internal BlockSink(Stream stream, byte[] header)
    {
        _stream = stream;
        _checksum = XxHash64.HashToUInt64(header);
        stream.Write(header);
    }

    /// <summary>Puts one.</summary>
    internal void Put(ReadOnlySpan<byte> block)
    {
        using var packed = new MemoryStream();
        using (var packing = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            packing.Write(block);

        byte[] bytes = packed.ToArray();
        _checksum = XxHash64.HashToUInt64(bytes, (long)_checksum);
        byte[] frame = new byte[LengthBytes + bytes.Length + ChecksumBytes];
        BinaryPrimitives.WriteInt32LittleEndian(frame, bytes.Length);
        bytes.CopyTo(frame, LengthBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(LengthBytes + bytes.Length), _checksum);
        _stream.Write(frame);
    }
}

/// <summary>Takes blocks out of a stream, as far as they go.</summary>
/// <param name="stream">Where they are.</param>
/// <param name="checksum">That of what comes before them.</param>
/// <param name="source">What errors call it.</param>
internal sealed class BlockSource(Stream stream, ulong checksum, string source)
{
    private const int BufferBytes = 1 << 14;

    private ulong _checksum = checksum;

    /// <summary>Takes the next one; null if it is not there, or not all of it.</summary>
    /// <exception cref="ScheduleFormatException">It was edited.</exception>
    internal byte[]? Take()
    {
        byte[] length = new byte[BlockSink.LengthBytes];
        if (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
            return null;

        int bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (bytes is < 0 or > BlockSink.BytesMax)
            throw new ScheduleFormatException($"{source} is damaged or was edited: it has a block of {bytes} bytes");

        byte[] frame = new byte[bytes + BlockSink.ChecksumBytes];
        if (stream.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) < frame.Length)
            return null;

        byte[] packed = frame[..bytes];
        _checksum = XxHash64.HashToUInt64(packed, (long)_checksum);
        if (_checksum != BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(bytes)))
            throw new ScheduleFormatException($"{source} is damaged or was edited: a checksum in it is wrong");

        return Unpack(packed);
    }

    /// <summary>Whether nothing is left.</summary>
    internal bool IsAtEnd() => stream.ReadByte() < 0;

    private byte[] Unpack(byte[] packed)
    {
        using var stream = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (stream.Read(buffer) is > 0 and var read && bytes.Length <= BlockSink.BytesMax)
                bytes.Write(buffer, 0, read);

            return bytes.ToArray();
        }
        catch (InvalidOperationException)
        {
            throw new ScheduleFormatException($"{source} was edited: it has a block that cannot be unpacked");
        }
    }
}
