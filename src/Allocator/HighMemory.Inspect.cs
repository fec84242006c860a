using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <content>
/// A look into the allocator from outside the kernel, for observers, traces and checks: no lock is taken, and nobody
/// can come between.
/// </content>
public partial class HighMemory<TKernel>
{
    /// <summary>last_pkmap_nr, the slot that the last search stopped at.</summary>
    public int Cursor => _lastPkmapNr.Peek;

    /// <summary>pkmap_count[slot].</summary>
    public int CountOf(int slot) => _pkmapCount.Peek(slot);

    /// <summary>The page in a slot's page table entry; none if it is empty.</summary>
    public Page PageIn(int slot) => PkmapPtePage(slot);

    /// <summary>
    /// Adds every record of the page address table that is in use, by bucket upwards and in the order of the chain.
    /// </summary>
    public void ReadRecords(ICollection<PageAddressRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (Bucket bucket in _buckets)
        {
            int link = bucket.First.Peek;
            for (int walked = 0; IsLink(link, walked); walked++)
            {
                records.Add(RecordAt(bucket.Number, link - 1));
                link = _recordNext.Peek(link - 1);
            }
        }
    }

    /// <summary>Adds the unused records of the page address table, the next to be used first.</summary>
    public void ReadPool(ICollection<int> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        int link = _poolHead.Peek;
        for (int walked = 0; IsLink(link, walked); walked++)
        {
            records.Add(link - 1);
            link = _recordNext.Peek(link - 1);
        }
    }

    /// <summary>Overwrites pkmap_count[slot], as a stray store would.</summary>
    public void PokeCount(int slot, int count) => _pkmapCount.Poke(slot, count);

    /// <summary>Overwrites last_pkmap_nr, as a stray store would.</summary>
    public void PokeCursor(int slot) => _lastPkmapNr.Poke(slot);

    /// <summary>Overwrites a slot's page table entry, as a stray store would.</summary>
    public void PokeEntry(int slot, Page page) => SetPkmapPte(slot, page);

    // A broken port may have made a ring of a list, so no more is walked than there is.
    private bool IsLink(int link, int walked) => link != 0 && walked < Layout.Slots;

    private PageAddressRecord RecordAt(int bucket, int record) => new(
        bucket,
        new Page(_recordPage.Peek(record) - 1),
        new VirtualAddress((uint)_recordVirtual.Peek(record)),
        record);
}

/// <summary>struct page_address_map in use: the hash chain it is in, what it says, and its number.</summary>
public readonly record struct PageAddressRecord(int Bucket, Page Page, VirtualAddress Address, int Record);
