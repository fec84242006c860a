using System.Buffers.Binary;
using System.Threading;

namespace Kmaplab.Scheduler.Verification;

/// <summary>The states of one level that are still to be expanded, in blocks that move to disk when memory runs short.</summary>
internal sealed class Frontier : IDisposable
{
    internal const int BlockSize = 1 << 18;

    private readonly List<Block> _blocks = [];
    private readonly Lock _lock = new();
    private readonly MemoryBudget _budget;
    private FileStream? _file;

    internal Frontier(MemoryBudget budget) => _budget = budget;

    /// <summary>An array for a block.</summary>
    internal byte[] NewBlock() => _budget.FreeBlocks.TryTake(out byte[]? block) ? block : new byte[BlockSize];

    /// <summary>Number of blocks.</summary>
    internal int Blocks => _blocks.Count;

    /// <summary>Adds a full block; its array belongs to the frontier from now on.</summary>
    internal void Add(byte[] bytes, int length)
    {
        lock (_lock)
        {
            if (_budget.TryTake(bytes.Length))
            {
                _blocks.Add(new Block(bytes, 0, length));
                return;
            }

            _file ??= _budget.CreateSpillFile();
            long offset = _file.Length;
            RandomAccess.Write(_file.SafeFileHandle, bytes.AsSpan(0, length), offset);
            _file.SetLength(offset + length);
            _budget.Spilled(length);
            _budget.FreeBlocks.Add(bytes);
            _blocks.Add(new Block(null, offset, length));
        }
    }

    /// <summary>Takes a block out, into <paramref name="buffer"/>, which changes hands for the block's own array; it can be taken once.</summary>
    internal ReadOnlySpan<byte> Take(int index, ref byte[] buffer)
    {
        Block block = _blocks[index];
        if (block.Bytes is not null)
        {
            _blocks[index] = default;
            _budget.GiveBack(block.Bytes.Length);
            _budget.FreeBlocks.Add(buffer);
            buffer = block.Bytes;
            return buffer.AsSpan(0, block.Length);
        }

        int read = 0;
        while (read < block.Length)
            read += RandomAccess.Read(_file!.SafeFileHandle, buffer.AsSpan(read, block.Length - read), block.Offset + read);

        return buffer.AsSpan(0, block.Length);
    }

    public void Dispose() => _file?.Dispose();

    private readonly record struct Block(byte[]? Bytes, long Offset, int Length);
}

/// <summary>Takes the states that one thread finds and that are still to be expanded.</summary>
internal interface IStateSink
{
    /// <summary>Keeps a new state.</summary>
    void Add(int number, UInt128 hash, ReadOnlySpan<byte> state);

    /// <summary>Hands over what was kept.</summary>
    void Flush();
}

/// <summary>Fills the blocks of a frontier: a state's number, part of its hash, its length, its bytes. One thread, one writer.</summary>
internal sealed class FrontierWriter(Frontier frontier) : IStateSink
{
    internal const int HeaderBytes = sizeof(int) + sizeof(ulong) + sizeof(ushort);

    private byte[] _block = frontier.NewBlock();
    private int _used;

    public void Add(int number, UInt128 hash, ReadOnlySpan<byte> state)
    {
        if (_used + HeaderBytes + state.Length > _block.Length)
            Flush();

        Span<byte> target = _block.AsSpan(_used);
        BinaryPrimitives.WriteInt32LittleEndian(target, number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[4..], (ulong)hash);
        BinaryPrimitives.WriteUInt16LittleEndian(target[12..], (ushort)state.Length);
        state.CopyTo(target[HeaderBytes..]);
        _used += HeaderBytes + state.Length;
    }

    public void Flush()
    {
        if (_used == 0)
            return;

        frontier.Add(_block, _used);
        _block = frontier.NewBlock();
        _used = 0;
    }
}

/// <summary>How much memory the search may take, and how much of it is taken.</summary>
internal sealed class MemoryBudget(long bytesMax, string spillDirectory)
{
    private long _taken;
    private long _spilled;

    /// <summary>Bytes that the tables may take, frontier not counted.</summary>
    internal long BytesMax { get; } = bytesMax;

    /// <summary>Arrays for blocks that are not in use.</summary>
    internal System.Collections.Concurrent.ConcurrentBag<byte[]> FreeBlocks { get; } = [];

    /// <summary>Bytes of frontier in memory.</summary>
    internal long Taken => Interlocked.Read(ref _taken);

    /// <summary>Bytes of frontier ever written to disk.</summary>
    internal long SpilledBytes => Interlocked.Read(ref _spilled);

    /// <summary>Bytes of the tables, as last told.</summary>
    internal long Tables { get; set; }

    internal bool TryTake(long bytes)
    {
        if (Tables + Interlocked.Add(ref _taken, bytes) <= BytesMax)
            return true;

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    internal void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);

    internal void Spilled(long bytes) => Interlocked.Add(ref _spilled, bytes);

    internal FileStream CreateSpillFile()
    {
        Directory.CreateDirectory(spillDirectory);
        string name = Path.Combine(spillDirectory, $"frontier-{Guid.NewGuid():N}.tmp");
        return new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
    }
}
