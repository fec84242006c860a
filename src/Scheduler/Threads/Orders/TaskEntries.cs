namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What one task has written down, in order.</summary>
/// <param name="blocks">Where it is; all of them are equally long.</param>
/// <param name="count">How much of that it is.</param>
internal sealed class TaskEntries(IReadOnlyList<RecordedEntry[]> blocks, long count)
{
    internal TaskEntries(RecordedEntry[] entries)
        : this([entries], entries.Length)
    {
    }

    internal IReadOnlyList<RecordedEntry[]> Blocks => blocks;

    internal long Count => count;

    /// <summary>Entries from one on, at most so many: as many as lie together.</summary>
    internal ReadOnlySpan<RecordedEntry> From(long first, int length)
    {
        int block = blocks[0].Length;
        int begin = (int)(first % block);
        return blocks[(int)(first / block)].AsSpan(begin, Math.Min(length, block - begin));
    }

    internal RecordedEntry[] ToArray()
    {
        var entries = new RecordedEntry[count];
        for (long done = 0; done < count;)
        {
            ReadOnlySpan<RecordedEntry> together = From(done, (int)Math.Min(count - done, int.MaxValue));
            together.CopyTo(entries.AsSpan((int)done));
            done += together.Length;
        }

        return entries;
    }
}
