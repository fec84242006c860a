using System.Threading;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>Blocks for what tasks write down, which stay where they are; used again when nobody needs them.</summary>
internal sealed class RecordRoom
{
    private const int BlockEntries = 4096;

    private readonly Lock _lock = new();
    private readonly Stack<RecordedEntry[]> _free = [];

    /// <summary>The number of entries of a block.</summary>
    internal static int Block => BlockEntries;

    internal RecordedEntry[] Take()
    {
        lock (_lock)
        {
            if (_free.TryPop(out RecordedEntry[]? free))
                return free;
        }

        return GC.AllocateUninitializedArray<RecordedEntry>(BlockEntries, pinned: true);
    }

    internal void GiveBack(IReadOnlyList<RecordedEntry[]> blocks)
    {
        lock (_lock)
        {
            foreach (RecordedEntry[] block in blocks)
                _free.Push(block);
        }
    }
}
