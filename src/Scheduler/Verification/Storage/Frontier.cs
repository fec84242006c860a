using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// The states of one level that are still to be expanded, in blocks that move to disk when memory runs short.
/// </summary>
internal sealed class Frontier(MemoryBudget budget) : IDisposable
{
    internal const int BlockSize = 1 << 16;

    private readonly List<Block> _blocks = [];
    private readonly Lock _lock = new();
    private FileStream? _file;
    private long _fileLength;

    /// <summary>What its blocks count against.</summary>
    internal MemoryBudget Budget => budget;

    /// <summary>Number of blocks.</summary>
    internal int Blocks => _blocks.Count;

    /// <summary>Adds a full block; it belongs to the frontier from now on.</summary>
    internal void Add(PageBlock block, int length)
    {
        if (budget.HasRoom)
        {
            lock (_lock)
                _blocks.Add(new Block(block, 0, length));

            return;
        }

        lock (_lock)
            Spill(block, length);

        budget.Return(block);
    }

    // A block for which the disk has no room is lost: the search sees that and gives up.
    private void Spill(PageBlock block, int length)
    {
        try
        {
            _file ??= budget.Disk.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            budget.Disk.Fail($"the states still to be searched cannot go to disk: {exception.Message.TrimEnd('.')}");
            return;
        }

        if (!budget.Disk.TryWrite(_file, block.Span[..length], _fileLength))
            return;

        _blocks.Add(new Block(null, _fileLength, length));
        _fileLength += length;
    }

    /// <summary>Takes a block out; the caller gives its memory back to the budget. It can be taken once.</summary>
    internal PageBlock Take(int index, out int length)
    {
        Block block = _blocks[index];
        length = block.Length;
        if (block.Memory is not null)
        {
            _blocks[index] = default;
            return block.Memory;
        }

        PageBlock buffer = budget.Rent();
        Read(block, buffer.Span[..length]);
        return buffer;
    }

    /// <summary>Copies a block that has not been taken; yields its length.</summary>
    internal int Copy(int index, Span<byte> target)
    {
        Block block = _blocks[index];
        if (block.Memory is null)
            Read(block, target[..block.Length]);
        else
            block.Memory.Span[..block.Length].CopyTo(target);

        return block.Length;
    }

    private void Read(Block block, Span<byte> target)
    {
        int read = 0;
        while (read < target.Length)
        {
            int got = RandomAccess.Read(_file!.SafeFileHandle, target[read..], block.Offset + read);
            if (got == 0)
                throw new IOException($"{_file.Name} has lost states that were still to be searched");

            read += got;
        }
    }

    public void Dispose()
    {
        foreach (Block block in _blocks)
        {
            if (block.Memory is not null)
                budget.Return(block.Memory);
        }

        _blocks.Clear();
        _file?.Dispose();
        budget.Disk.Free(_fileLength);
        _fileLength = 0;
    }

    private readonly record struct Block(PageBlock? Memory, long Offset, int Length);
}
