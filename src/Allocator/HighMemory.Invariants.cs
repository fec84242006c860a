using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <content>
/// What holds of the mappings, of the permanent ones whenever kmap_lock is free, for exhaustive search to check in
/// every state.
/// </content>
public partial class HighMemory<TKernel>
{
    /// <summary>
    /// Whether a search under kmap_lock would find a slot now: one that is free, or that a flush would free.
    /// </summary>
    private bool IsSlotUsable()
    {
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            if (CountOf(slot) <= 1)
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

        if (_kmapLock.IsLocked)
            return null;

        int users = 0;
        int used = 0;
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            if (BrokenSlot(slot) is { } broken)
                return broken;

            users += Math.Max(CountOf(slot) - 1, 0);
            used += CountOf(slot) == 0 ? 0 : 1;
        }

        if (BrokenAccount(users) is { } uncounted)
            return uncounted;

        int inChains = RecordsInChains();
        int inPool = Length(_poolHead.Peek);
        if (inChains != used || inChains + inPool != Layout.Slots)
        {
            return new Finding(
                FailureClass.Assertion,
                $"slots that are mapped: {used}; pages that have an address: {inChains}; records in the pool of {Layout.Slots}: {inPool}");
        }

        return null;
    }

    // Who gives a use back may or may not have done so yet.
    private Finding? BrokenAccount(int users)
    {
        if (Account is not { } account)
            return null;

        int mapped = account.Mapped;
        if (users == mapped || (users > mapped && users <= mapped + account.Unmapping))
            return null;

        return new Finding(
            FailureClass.ReferenceCount,
            $"pkmap_count[] counts {Counted.Of(users, "user")}, but tasks hold {Counted.Of(mapped, "mapping")} and are giving back {account.Unmapping}");
    }

    /// <summary>
    /// Count 0: no translation. An entry that is left there does no harm, as nobody follows it before it is
    /// overwritten; only hardware that speculates could. Count 1 and more: the entry leads to a page, and the page back
    /// to the slot.
    /// </summary>
    private Finding? BrokenSlot(int slot)
    {
        int count = CountOf(slot);
        Page page = PkmapPtePage(slot);
        if (count == 0)
        {
            return Kernel.IsCached(PkmapPte(slot))
                ? new Finding(FailureClass.StaleTlb, $"slot {slot} has count 0, but a CPU still has a translation for it")
                : null;
        }

        if (page.IsNone)
            return new Finding(FailureClass.Assertion, $"slot {slot} has count {count} but maps nothing");

        VirtualAddress address = AddressInChain(page);
        return address == Layout.AddressOf(slot)
            ? null
            : new Finding(FailureClass.DoubleMapping, $"slot {slot} at {Layout.AddressOf(slot)} maps {page}, whose address is {address}");
    }

    /// <summary>
    /// With checks an atomic mapping is emptied before preemption is switched on again, so a CPU has no more of them
    /// than it has preemption off, and whoever mapped one unmaps it on the same CPU.
    /// </summary>
    private Finding? BrokenAtomicMappings()
    {
        if (_fixmap is not { DebugHighmem: true } fixmap)
            return null;

        for (int cpu = 0; cpu < fixmap.Cpus; cpu++)
        {
            int mapped = 0;
            for (int type = 0; type < fixmap.Types; type++)
                mapped += AtomicEntry((cpu * fixmap.Types) + type).IsNone ? 0 : 1;

            int depth = mapped == 0 ? 0 : Kernel.PreemptDepthOn(new CpuId(cpu));
            if (mapped > depth)
            {
                return new Finding(
                    FailureClass.SlotClobber,
                    $"CPU {cpu} has {mapped} atomic {(mapped == 1 ? "mapping" : "mappings")}, but preemption is off there {depth} times: whoever runs next finds them in use");
            }
        }

        return null;
    }

    private VirtualAddress AddressInChain(Page page)
    {
        int steps = 0;
        for (int link = _buckets[PageSlot(page)].First.Peek; link != 0 && steps <= Layout.Slots; link = _recordNext.Peek(link - 1), steps++)
        {
            if (_recordPage.Peek(link - 1) == page.Number + 1)
                return new VirtualAddress((uint)_recordVirtual.Peek(link - 1));
        }

        return VirtualAddress.Null;
    }

    private int RecordsInChains()
    {
        int records = 0;
        foreach (ref readonly Bucket bucket in _buckets.AsSpan())
            records += Length(bucket.First.Peek);

        return records;
    }

    private int Length(int link)
    {
        int length = 0;
        for (; link != 0 && length <= Layout.Slots; link = _recordNext.Peek(link - 1))
            length++;

        return length;
    }
}
