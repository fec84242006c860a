using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>States in a file, sorted by their hashes; of each 64 KiB the first one is known in memory.</summary>
internal sealed class VisitedRun : IDisposable
{
    internal const int BlockEntries = 4096;

    private const int EntryBytes = 16;

    private readonly SpillDisk _disk;
    private readonly FileStream _file;
    private readonly List<UInt128> _firsts = [];
    private readonly VisitedEntry[] _block = new VisitedEntry[BlockEntries]; // The one that was read or is written.
    private int _inBlock = -1;
    private long _written; // Bytes.

    /// <exception cref="IOException">There is no place for a file.</exception>
    internal VisitedRun(SpillDisk disk)
    {
        _disk = disk;
        _file = disk.Create();
    }

    /// <summary>Number of states.</summary>
    internal long Count { get; private set; }

    /// <summary>Bytes in memory.</summary>
    internal long Bytes => (_firsts.Count + (long)BlockEntries) * EntryBytes;

    public void Dispose()
    {
        _file.Dispose();
        _disk.Free(_written);
    }

    /// <summary>Adds a state that comes after all others; false if there is no room on the disk.</summary>
    internal bool TryAdd(in VisitedEntry entry)
    {
        int place = (int)(Count % BlockEntries);
        if (place == 0)
            _firsts.Add(entry.Key);

        _block[place] = entry;
        Count++;
        return place < BlockEntries - 1 || TryWrite(BlockEntries);
    }

    /// <summary>There are no more to come; false if there is no room on the disk.</summary>
    internal bool TryEnd() => TryWrite((int)(Count % BlockEntries));

    private bool TryWrite(int entries)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(_block.AsSpan(0, entries));
        if (entries > 0 && !_disk.TryWrite(_file, bytes, _written, "states that were visited"))
            return false;

        _written += bytes.Length;
        return true;
    }

    /// <summary>The number of a state; -1 if it is not there. It is fast if one asks in the order of keys.</summary>
    internal int Find(UInt128 key)
    {
        int block = _firsts.BinarySearch(key);
        block = block < 0 ? ~block - 1 : block;
        if (block < 0)
            return -1;

        ReadOnlySpan<VisitedEntry> entries = Block(block);
        (int low, int high) = (0, entries.Length - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = entries[middle].Key.CompareTo(key);
            if (order == 0)
                return entries[middle].Number;

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    /// <summary>A state by its place in the order.</summary>
    internal VisitedEntry this[long index] => Block((int)(index / BlockEntries))[(int)(index % BlockEntries)];

    private ReadOnlySpan<VisitedEntry> Block(int block)
    {
        long first = (long)block * BlockEntries;
        Span<VisitedEntry> entries = _block.AsSpan(0, (int)Math.Min(BlockEntries, Count - first));
        if (block == _inBlock)
            return entries;

        _inBlock = -1;
        Span<byte> bytes = MemoryMarshal.AsBytes(entries);
        for (int read = 0; read < bytes.Length;)
        {
            int got = RandomAccess.Read(_file.SafeFileHandle, bytes[read..], (first * EntryBytes) + read);
            if (got == 0)
                throw new IOException($"{_file.Name} has lost states that were visited");

            read += got;
        }

        _inBlock = block;
        return entries;
    }
}
