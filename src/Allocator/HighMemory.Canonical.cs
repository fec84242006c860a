namespace Kmaplab.Allocator;

/// <content>
/// Which record of the pool stands for which page is of no consequence: exhaustive search need not tell the cases
/// apart.
/// </content>
public partial class HighMemory<TKernel>
{
    private const int RecordsMax = 64;

    /// <summary>Renumbers the records of the page address table in the order of the chains, then of the pool.</summary>
    /// <remarks>
    /// A state in which a record is in no list is left as it is: some task's locals name that record.
    /// </remarks>
    private void RenumberRecords(int[] memory)
    {
        int records = Layout.Slots;
        if (records is 1 or > RecordsMax)
            return;

        Span<int> order = stackalloc int[records]; // The old record, plus 1, at each new place.
        int found = 0;
        foreach (Bucket bucket in _buckets)
            found = Follow(memory, memory[bucket.First.Address], order, found);

        found = Follow(memory, memory[_poolHead.Address], order, found);
        if (found != records || IsInOrder(order))
            return;

        Span<int> place = stackalloc int[records + 1]; // The new record, plus 1, of each old one plus 1.
        place[0] = 0;
        for (int i = 0; i < records; i++)
            place[order[i]] = i + 1;

        foreach (Bucket bucket in _buckets)
            memory[bucket.First.Address] = place[memory[bucket.First.Address]];

        memory[_poolHead.Address] = place[memory[_poolHead.Address]];
        memory[_poolTail.Address] = place[memory[_poolTail.Address]];
        Permute(memory.AsSpan(_recordPage.Address, records), order);
        Permute(memory.AsSpan(_recordVirtual.Address, records), order);
        Span<int> next = memory.AsSpan(_recordNext.Address, records);
        Permute(next, order);
        for (int i = 0; i < records; i++)
            next[i] = place[next[i]];
    }

    private int Follow(int[] memory, int link, Span<int> order, int found)
    {
        while (link != 0 && found < order.Length)
        {
            order[found++] = link;
            link = memory[_recordNext.Address + link - 1];
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
