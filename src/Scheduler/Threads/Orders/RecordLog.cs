using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>Room for what tasks write down: blocks that stay where they are, each of them one task's.</summary>
/// <remarks>One thread at a time asks for room; nobody waits for anybody to fill what he has got.</remarks>
internal sealed unsafe class RecordLog(int tasks, int wanted, int max)
{
    private const int BlockEntries = 4096;

    private readonly Stack<RecordedEntry[]> _free = [];
    private readonly List<RecordedEntry[]>[] _blocks = // By task, in order.
        [.. Enumerable.Range(0, tasks).Select(_ => new List<RecordedEntry[]>())];
    private readonly int _wanted = Math.Max(wanted / BlockEntries, 1) + tasks;
    private readonly int _max = Math.Max(max / BlockEntries, Math.Max(wanted / BlockEntries, 1) + tasks) + tasks;
    private int _taken;

    /// <summary>As much is there as is wanted.</summary>
    internal bool IsEnough => _taken > _wanted;

    /// <summary>There is no more room.</summary>
    internal bool IsFull => _taken >= _max;

    /// <summary>Forgets everything, and keeps the room.</summary>
    internal void Clear()
    {
        foreach (List<RecordedEntry[]> blocks in _blocks)
        {
            foreach (RecordedEntry[] block in blocks)
                _free.Push(block);

            blocks.Clear();
        }

        _taken = 0;
    }

    /// <summary>Gives a task room: from what it returns on, up to <paramref name="end"/>.</summary>
    internal RecordedEntry* Take(int task, out RecordedEntry* end)
    {
        _taken++;
        RecordedEntry[] block = _free.TryPop(out RecordedEntry[]? free)
            ? free
            : GC.AllocateUninitializedArray<RecordedEntry>(BlockEntries, pinned: true);
        _blocks[task].Add(block);
        var next = (RecordedEntry*)Unsafe.AsPointer(ref block[0]);
        end = next + BlockEntries;
        return next;
    }

    /// <summary>The entries of a task that writes its next one at <paramref name="next"/>.</summary>
    internal long Count(int task, RecordedEntry* next)
    {
        List<RecordedEntry[]> blocks = _blocks[task];
        return blocks.Count == 0
            ? 0
            : ((blocks.Count - 1L) * BlockEntries) + (next - (RecordedEntry*)Unsafe.AsPointer(ref blocks[^1][0]));
    }

    /// <summary>The first entries of a task, in order.</summary>
    internal RecordedEntry[] Read(int task, long count)
    {
        var entries = new RecordedEntry[count];
        for (long i = 0; i < count; i += BlockEntries)
        {
            int length = (int)Math.Min(BlockEntries, count - i);
            _blocks[task][(int)(i / BlockEntries)].AsSpan(0, length).CopyTo(entries.AsSpan((int)i));
        }

        return entries;
    }
}
