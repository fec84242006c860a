namespace Kmaplab.Allocator.Bookkeeping;

/// <summary>
/// Which record of the pool stands for which page is of no consequence: exhaustive search need not tell the cases
/// apart.
/// </summary>
/// <param name="records">The number of records.</param>
/// <param name="chains">Where the first link of each chain is kept.</param>
/// <param name="poolHead">Where the first link of the pool is kept.</param>
/// <param name="poolTail">Where the last record of the pool is kept.</param>
/// <param name="page">Where the records' pages are kept.</param>
/// <param name="address">Where the records' addresses are kept.</param>
/// <param name="next">Where the records' links are kept.</param>
internal sealed class RecordOrder(
    int records, int[] chains, int poolHead, int poolTail, int page, int address, int next)
{
    private const int RecordsMax = 64;

    /// <summary>Renumbers the records of the page address table in the order of the chains, then of the pool.</summary>
    /// <remarks>
    /// A state in which a record is in no list is left as it is: some task's locals name that record.
    /// </remarks>
    internal void Restore(int[] memory)
    {
        if (records is 1 or > RecordsMax)
            return;

        Span<int> order = stackalloc int[records]; // The old record, plus 1, at each new place.
        int found = 0;
        foreach (int first in chains)
            found = Follow(memory, memory[first], order, found);

        found = Follow(memory, memory[poolHead], order, found);
        if (found != records || IsInOrder(order))
            return;

        Span<int> place = stackalloc int[records + 1]; // The new record, plus 1, of each old one plus 1.
        place[0] = 0;
        for (int i = 0; i < records; i++)
            place[order[i]] = i + 1;

        foreach (int first in chains)
            memory[first] = place[memory[first]];

        memory[poolHead] = place[memory[poolHead]];
        memory[poolTail] = place[memory[poolTail]];
        Permute(memory.AsSpan(page, records), order);
        Permute(memory.AsSpan(address, records), order);
        Span<int> links = memory.AsSpan(next, records);
        Permute(links, order);
        for (int i = 0; i < records; i++)
            links[i] = place[links[i]];
    }

    private int Follow(int[] memory, int link, Span<int> order, int found)
    {
        while (link != 0 && found < order.Length)
        {
            order[found++] = link;
            link = memory[next + link - 1];
        }

        return found;
    }

    private static bool IsInOrder(ReadOnlySpan<int> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            if (order[i] != i + 1)
                return false;
        }

        return true;
    }

    private static void Permute(Span<int> values, ReadOnlySpan<int> order)
    {
        Span<int> old = stackalloc int[RecordsMax];
        values.CopyTo(old);
        for (int i = 0; i < values.Length; i++)
            values[i] = old[order[i] - 1];
    }
}
