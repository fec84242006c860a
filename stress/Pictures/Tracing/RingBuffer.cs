using System.Buffers.Binary;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>
/// What a CPU has recorded, as the kernel keeps it: pages of a time, the bytes in use, and events, each with the time
/// since the one before.
/// </summary>
internal sealed class RingBuffer
{
    internal const int PageSize = 4096;

    private const int HeadBytes = 2 * sizeof(long);
    private const int DeltaBits = 27;
    private const int WordsMax = 28; // Of an event whose length stands in its first word.
    private const uint TimeExtend = 30;

    private readonly List<byte[]> _pages = [];
    private int _used;
    private long _time;

    internal long Length => (long)_pages.Count * PageSize;

    internal void Add(long time, byte[] data)
    {
        Array.Resize(ref data, (data.Length + 3) / 4 * 4);
        time = Math.Max(time, _time);
        if (_pages.Count == 0 || _used + data.Length + (4 * sizeof(uint)) > PageSize)
            Begin(time);

        long delta = time - _time;
        if (delta >> DeltaBits != 0)
        {
            Put(TimeExtend | ((uint)(delta & ((1 << DeltaBits) - 1)) << 5));
            Put((uint)(delta >> DeltaBits));
            delta = 0;
        }

        int words = data.Length / 4;
        Put((words <= WordsMax ? (uint)words : 0) | ((uint)delta << 5));
        if (words > WordsMax)
            Put((uint)data.Length + sizeof(uint));

        data.CopyTo(_pages[^1].AsSpan(_used));
        _used += data.Length;
        _time = time;
        BinaryPrimitives.WriteInt64LittleEndian(_pages[^1].AsSpan(sizeof(long)), _used - HeadBytes);
    }

    internal void WriteTo(BinaryWriter file)
    {
        foreach (byte[] page in _pages)
            file.Write(page);
    }

    private void Begin(long time)
    {
        _pages.Add(new byte[PageSize]);
        _used = HeadBytes;
        _time = time;
        BinaryPrimitives.WriteInt64LittleEndian(_pages[^1], time);
    }

    private void Put(uint word)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_pages[^1].AsSpan(_used), word);
        _used += sizeof(uint);
    }
}
