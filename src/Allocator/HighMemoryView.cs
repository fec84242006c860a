using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>
/// A look into the allocator from outside the kernel, for observers, traces and checks: no lock is taken, and nobody
/// can come between.
/// </summary>
/// <remarks>
/// The invariants are what holds of the mappings, of the permanent ones whenever kmap_lock is free; exhaustive search
/// checks them in every state.
/// </remarks>
public sealed partial class HighMemoryView<TKernel>
    where TKernel : struct, IKernel
{
    private readonly HighMemory<TKernel> _port;
    private readonly TKernel _kernel;

    internal HighMemoryView(HighMemory<TKernel> port, TKernel kernel)
    {
        _port = port;
        _kernel = kernel;
    }

    /// <summary>last_pkmap_nr, the slot that the last search stopped at.</summary>
    public int Cursor => _port.CursorWord.Peek;

    /// <summary>
    /// Adds every record of the page address table that is in use, by bucket upwards and in the order of the chain.
    /// </summary>
    public void ReadRecords(ICollection<PageAddressRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        for (int bucket = 0; bucket < _port.ChainCount; bucket++)
        {
            int link = _port.FirstIn(bucket);
            for (int walked = 0; IsLink(link, walked); walked++)
            {
                (Page page, VirtualAddress address) = _port.RecordAt(link - 1);
                records.Add(new PageAddressRecord(_port.ChainNumber(bucket), page, address, link - 1));
                link = _port.NextOf(link - 1);
            }
        }
    }

    /// <summary>Adds the unused records of the page address table, the next to be used first.</summary>
    public void ReadPool(ICollection<int> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        int link = _port.FirstInPool;
        for (int walked = 0; IsLink(link, walked); walked++)
        {
            records.Add(link - 1);
            link = _port.NextOf(link - 1);
        }
    }

    /// <summary>Overwrites pkmap_count[slot], as a stray store would.</summary>
    public void PokeCount(int slot, int count) => _port.Counts.Poke(slot, count);

    /// <summary>Overwrites last_pkmap_nr, as a stray store would.</summary>
    public void PokeCursor(int slot) => _port.CursorWord.Poke(slot);

    /// <summary>Overwrites a slot's page table entry, as a stray store would.</summary>
    public void PokeEntry(int slot, Page page) => _port.SetPkmapPte(slot, page);

    /// <summary>
    /// Whether a search under kmap_lock would find a slot now: one that is free, or that a flush would free.
    /// </summary>
    [TreatsNamesAlike]
    internal bool IsSlotUsable()
    {
        for (int slot = 0; slot < _port.Layout.Slots; slot++)
        {
            if (_port.CountOf(slot) <= 1)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The first invariant that does not hold, or null; of the permanent mappings none while kmap_lock is held.
    /// </summary>
    public Finding? FindBrokenInvariant()
    {
        if (BrokenAtomicMappings() is { } atomic)
            return atomic;

        if (_port.IsLocked)
            return null;

        int users = 0;
        int used = 0;
        for (int slot = 0; slot < _port.Layout.Slots; slot++)
        {
            if (BrokenSlot(slot) is { } broken)
                return broken;

            users += Math.Max(_port.CountOf(slot) - 1, 0);
            used += _port.CountOf(slot) == 0 ? 0 : 1;
        }

        if (BrokenAccount(users) is { } uncounted)
            return uncounted;

        int inChains = RecordsInChains();
        int inPool = Length(_port.FirstInPool);
        if (inChains != used || inChains + inPool != _port.Layout.Slots)
        {
            return new Finding(
                FailureClass.Assertion,
                $"slots that are mapped: {used}; pages that have an address: {inChains}; "
                + $"records in the pool of {_port.Layout.Slots}: {inPool}");
        }

        return null;
    }

    // Who gives a use back may or may not have done so yet.
    private Finding? BrokenAccount(int users)
    {
        if (_port.Account is not { } account)
            return null;

        int mapped = account.Mapped;
        if (users == mapped || (users > mapped && users <= mapped + account.Unmapping))
            return null;

        return new Finding(
            FailureClass.ReferenceCount,
            $"pkmap_count[] counts {Counted.Of(users, "user")}, but tasks hold {Counted.Of(mapped, "mapping")} "
            + $"and are giving back {account.Unmapping}");
    }

    /// <summary>
    /// Count 0: no translation. An entry that is left there does no harm, as nobody follows it before it is
    /// overwritten; only hardware that speculates could. Count 1 and more: the entry leads to a page, and the page back
    /// to the slot.
    /// </summary>
    private Finding? BrokenSlot(int slot)
    {
        int count = _port.CountOf(slot);
        Page page = _port.PageIn(slot);
        if (count == 0)
        {
            return _kernel.IsCached(_port.PkmapPte(slot))
                ? new Finding(
                    FailureClass.StaleTlb,
                    $"slot {slot} has count 0, but a CPU still has a translation for it")
                : null;
        }

        if (page.IsNone)
            return new Finding(FailureClass.Assertion, $"slot {slot} has count {count} but maps nothing");

        VirtualAddress address = AddressInChain(page);
        return address == _port.Layout.AddressOf(slot)
            ? null
            : new Finding(
                FailureClass.DoubleMapping,
                $"slot {slot} at {_port.Layout.AddressOf(slot)} maps {page}, whose address is {address}");
    }

    /// <summary>
    /// With checks an atomic mapping is emptied before preemption is switched on again, so a CPU has no more of them
    /// than it has preemption off, and whoever mapped one unmaps it on the same CPU.
    /// </summary>
    private Finding? BrokenAtomicMappings()
    {
        if (_port.FixmapOrNull is not { DebugHighmem: true } fixmap)
            return null;

        for (int cpu = 0; cpu < fixmap.Cpus; cpu++)
        {
            int mapped = 0;
            for (int type = 0; type < fixmap.Types; type++)
                mapped += _port.AtomicEntry((cpu * fixmap.Types) + type).IsNone ? 0 : 1;

            int depth = mapped == 0 ? 0 : _kernel.PreemptDepthOn(new CpuId(cpu));
            if (mapped > depth)
            {
                return new Finding(
                    FailureClass.SlotClobber,
                    $"CPU {cpu} has {mapped} atomic {(mapped == 1 ? "mapping" : "mappings")}, "
                    + $"but preemption is off there {depth} times: whoever runs next finds them in use");
            }
        }

        return null;
    }

    private VirtualAddress AddressInChain(Page page)
    {
        int link = _port.FirstIn(_port.ChainOf(page));
        for (int walked = 0; IsLink(link, walked); walked++)
        {
            (Page recorded, VirtualAddress address) = _port.RecordAt(link - 1);
            if (recorded == page)
                return address;

            link = _port.NextOf(link - 1);
        }

        return VirtualAddress.Null;
    }

    private int RecordsInChains()
    {
        int records = 0;
        for (int bucket = 0; bucket < _port.ChainCount; bucket++)
            records += Length(_port.FirstIn(bucket));

        return records;
    }

    private int Length(int link)
    {
        int length = 0;
        for (; link != 0 && length <= _port.Layout.Slots; link = _port.NextOf(link - 1))
            length++;

        return length;
    }

    // A broken port may have made a ring of a list, so no more is walked than there is.
    private bool IsLink(int link, int walked) => link != 0 && walked < _port.Layout.Slots;
}

/// <summary>struct page_address_map in use: the hash chain it is in, what it says, and its number.</summary>
public readonly record struct PageAddressRecord(int Bucket, Page Page, VirtualAddress Address, int Record);
