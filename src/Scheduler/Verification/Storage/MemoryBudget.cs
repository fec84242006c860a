using System.Collections.Concurrent;
using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>How much memory the search may take, and how much of it is taken.</summary>
internal sealed class MemoryBudget(long bytesMax, SpillDisk disk) : IDisposable
{
    private readonly ConcurrentBag<PageBlock> _free = [];
    private long _blocks;
    private long _tables;

    /// <summary>Bytes that the tables and the blocks of the frontier may take.</summary>
    internal long BytesMax { get; } = bytesMax;

    /// <summary>Where blocks go for which there is no room.</summary>
    internal SpillDisk Disk => disk;

    /// <summary>Bytes of the tables, as last told.</summary>
    internal long Tables
    {
        get => Interlocked.Read(ref _tables);
        set => Interlocked.Exchange(ref _tables, value);
    }

    /// <summary>
    /// The blocks in memory may stay there. They yield before the tables need their place, as tables grow by a quarter.
    /// </summary>
    internal bool HasRoom => (Tables * 5 / 4) + (Interlocked.Read(ref _blocks) * Frontier.BlockSize) <= BytesMax;

    /// <summary>An empty block.</summary>
    internal PageBlock Rent()
    {
        if (_free.TryTake(out PageBlock? block))
            return block;

        Interlocked.Increment(ref _blocks);
        return new PageBlock(Frontier.BlockSize);
    }

    /// <summary>Takes a block back, to use again if there is room.</summary>
    internal void Return(PageBlock block)
    {
        if (HasRoom)
        {
            _free.Add(block);
            return;
        }

        Free(block);
        while (_free.TryTake(out PageBlock? free))
            Free(free);
    }

    public void Dispose()
    {
        while (_free.TryTake(out PageBlock? free))
            Free(free);
    }

    private void Free(PageBlock block)
    {
        block.Dispose();
        Interlocked.Decrement(ref _blocks);
    }
}
