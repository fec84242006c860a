using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What tasks are writing down: blocks, each of them one task's.</summary>
/// <remarks>One thread at a time asks for room; nobody waits for anybody to fill what he has got.</remarks>
internal sealed unsafe class RecordLog(RecordRoom room, int tasks, int wanted, int max)
{
    private readonly List<RecordedEntry[]>[] _blocks = // By task, in order.
        [.. Enumerable.Range(0, tasks).Select(_ => new List<RecordedEntry[]>())];
    private readonly int _wanted = Math.Max(wanted / RecordRoom.Block, 1) + tasks;
    private readonly int _max =
        Math.Max(max / RecordRoom.Block, Math.Max(wanted / RecordRoom.Block, 1) + tasks) + tasks;
    private int _taken;

    /// <summary>As much is there as is wanted.</summary>
    internal bool IsEnough => _taken > _wanted;

    /// <summary>There is no more room.</summary>
    internal bool IsFull => _taken >= _max;

    /// <summary>Forgets everything, and keeps the room.</summary>
    internal void Clear()
    {
        for (int task = 0; task < tasks; task++)
            room.GiveBack(HandOver(task, 0).Blocks);

        _taken = 0;
    }

    /// <summary>Gives a task room: from what it returns on, up to <paramref name="end"/>.</summary>
    internal RecordedEntry* Take(int task, out RecordedEntry* end)
    {
        _taken++;
        RecordedEntry[] block = room.Take();
        _blocks[task].Add(block);
        var next = (RecordedEntry*)Unsafe.AsPointer(ref block[0]);
        end = next + RecordRoom.Block;
        return next;
    }

    /// <summary>The entries of a task that writes its next one at <paramref name="next"/>.</summary>
    internal long Count(int task, RecordedEntry* next)
    {
        List<RecordedEntry[]> blocks = _blocks[task];
        return blocks.Count == 0
            ? 0
            : ((blocks.Count - 1L) * RecordRoom.Block)
                + (next - (RecordedEntry*)Unsafe.AsPointer(ref blocks[^1][0]));
    }

    /// <summary>The first entries of a task, which the log has no longer.</summary>
    internal TaskEntries HandOver(int task, long count)
    {
        var entries = new TaskEntries(_blocks[task], count);
        _blocks[task] = [];
        return entries;
    }
}
