using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <content>The permanent mappings: kmap_high and what it needs (mm/highmem.c).</content>
public partial class HighMemory<TKernel>
{
    // Protects the counts, the cursor and the page table entries. Never taken in interrupts, so never with them off.
    private readonly SpinLock<TKernel> _kmapLock;

    // Everybody who found all slots in use.
    private readonly WaitQueue<TKernel> _pkmapMapWait;

    // The slot that the last search stopped at.
    private readonly Shared<TKernel> _lastPkmapNr;

    // 0: free, and flushed since it was last used. 1: unused, but still mapped and perhaps in a TLB. n: n - 1 users.
    private readonly SharedArray<TKernel> _pkmapCount;

    private readonly VirtualPage _pkmapPageTable;

    /// <summary>
    /// Waits until so many tasks queue for a slot: no kernel function, for scenarios that set the stage.
    /// </summary>
    public KernelStep AwaitSleepers(int tasks) => _pkmapMapWait.AwaitWaiters(tasks);

    /// <summary>kmap_lock.</summary>
    protected SpinLock<TKernel> KmapLock => _kmapLock;

    /// <summary>pkmap_map_wait.</summary>
    protected WaitQueue<TKernel> PkmapMapWait => _pkmapMapWait;

    /// <summary>pkmap_count[].</summary>
    protected SharedArray<TKernel> PkmapCount => _pkmapCount;

    /// <summary>last_pkmap_nr.</summary>
    protected ref int LastPkmapNr => ref _lastPkmapNr.Value;

    /// <summary>kmap_high(): the slow part of kmap, for high memory.</summary>
    public virtual async KernelTask<VirtualAddress> KmapHigh(Page page)
    {
        await LockKmap();

        // Only under the lock can the answer be trusted.
        VirtualAddress address = await PageAddress(page);
        if (address.IsNull)
            address = await MapNewVirtual(page);

        int users = AddUser(Layout.SlotOf(address));
        BugOn(users < 2, "kmap:count_below_2");
        Account?.NoteUser(page);

        await UnlockKmap();
        return address;
    }

    /// <summary>kunmap_high(): drops one user, and wakes sleepers if it was the last.</summary>
    public virtual async KernelTask KunmapHigh(Page page)
    {
        await LockKmap();

        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");

        int users = --_pkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero"); // A slot leaves 1 only through a TLB flush.
        Account?.NoteUserGone(page);

        // Sleepers queue under kmap_lock, so one that has released the lock is on the queue by now.
        int needWakeup = WhomToWake(Layout.SlotOf(address), users);

        await UnlockKmap();

        // Outside the lock: the woken want it at once.
        if (needWakeup != 0)
            await Wake(needWakeup);
    }

    /// <summary>
    /// map_new_virtual(): finds a slot and maps the page there. kmap_lock is held on entry and on exit, but not
    /// throughout.
    /// </summary>
    protected virtual async KernelTask<VirtualAddress> MapNewVirtual(Page page)
    {
        while (true)
        {
            int slot = await FindFreeSlot(page);
            if (slot >= 0)
                return await MapSlot(slot, page);

            await SleepForSlot(page);

            // Somebody else may have mapped the page in the meantime.
            VirtualAddress address = await RecheckAfterSleep(page);
            if (!address.IsNull)
                return address;
        }
    }

    /// <summary>The search of map_new_virtual(): a slot with count 0, or -1 if every one is in use.</summary>
    [PartOf]
    protected virtual async KernelTask<int> FindFreeSlot()
    {
        int budget = Layout.Slots;
        while (true)
        {
            // Incremented before use, so the first slot ever handed out is 1.
            int cursor = AdvanceCursor();
            if (cursor == 0)
            {
                Kernel.LoopTurn(); // Only a wrap refills the budget, so only wraps can go on for ever.
                await FlushAllZeroPkmaps();
                budget = Layout.Slots; // All slots deserve a look after the flush.
            }

            if (_pkmapCount[cursor] == 0)
                return cursor;

            if (--budget == 0)
                return -1;

            // As many further turns of this loop up to the next wrap, in one. They begin with the cursor as it is now:
            // a variant's flush may let others move it.
            ref int last = ref LastPkmapNr;
            int passed = _pkmapCount.PassOver(last + 1, Math.Min(budget, Layout.Slots - last) - 1, value: 0);
            last += passed;
            budget -= passed;
        }
    }

    /// <summary>last_pkmap_nr = (last_pkmap_nr + 1) &amp; LAST_PKMAP_MASK.</summary>
    protected int AdvanceCursor()
    {
        ref int last = ref LastPkmapNr;
        last = (last + 1) & Layout.Mask;
        return last;
    }

    /// <summary>
    /// The sleep of map_new_virtual(): joins the queue under kmap_lock, sleeps without it, comes back with it.
    /// </summary>
    [PartOf]
    protected virtual async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await _pkmapMapWait.Add();
        await UnlockKmap();
        await Kernel.Schedule();
        await _pkmapMapWait.Remove();
        await LockKmap();
    }

    /// <summary>The look at page_address() after the sleep of map_new_virtual().</summary>
    [PartOf]
    protected virtual async KernelTask<VirtualAddress> RecheckAfterSleep(Page page)
    {
        VirtualAddress address = await PageAddress(page);
        return address.IsNull ? address : await PageAddress(page); // The kernel asks again for the answer.
    }

    /// <summary>The end of map_new_virtual(): page table entry, then count 1, then page_address.</summary>
    [PartOf]
    protected virtual async KernelTask<VirtualAddress> MapSlot(int slot, Page page)
    {
        VirtualAddress address = Layout.AddressOf(slot);

        // No flush: count 0 means that no CPU has an old translation.
        SetPkmapPte(slot, page);
        _pkmapCount[slot] = 1;
        await SetPageAddress(page, address);
        return address;
    }

    /// <summary>
    /// flush_all_zero_pkmaps(): unmaps every slot that nobody uses, then flushes all TLBs. kmap_lock is held.
    /// </summary>
    protected virtual async KernelTask FlushAllZeroPkmaps()
    {
        Kernel.Count(KernelEvent.Sweep);
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            slot += _pkmapCount.PassOver(slot, Layout.Slots - slot - 1, value: 1);
            if (_pkmapCount[slot] == 1)
                await UnmapSlot(slot);
        }

        // Whether or not anything was unmapped, and still under the lock.
        await FlushTlbKernelRange();
    }

    /// <summary>The body of the loop in flush_all_zero_pkmaps().</summary>
    [PartOf]
    protected virtual async KernelTask UnmapSlot(int slot)
    {
        _pkmapCount[slot] = 0;
        Page page = PkmapPtePage(slot);
        BugOn(page.IsNone, "flush:empty_pte");

        // The address is an argument of pte_clear(). Nothing is done with it, but to find it takes the lock of the
        // chain.
        await PageAddress(page);
        SetPkmapPte(slot, Page.None);
        await SetPageAddress(page, VirtualAddress.Null);
    }

    /// <summary>
    /// spin_lock(&amp;kmap_lock). Interrupts stay on, so that whoever spins here can answer the TLB flush of the
    /// holder.
    /// </summary>
    protected virtual KernelStep<int> LockKmap() => _kmapLock.Acquire();

    /// <summary>spin_unlock(&amp;kmap_lock).</summary>
    protected virtual KernelStep UnlockKmap() => _kmapLock.Release();

    /// <summary>flush_tlb_kernel_range(), which on i386 ignores its range and flushes everything everywhere.</summary>
    protected virtual KernelTask FlushTlbKernelRange() => Kernel.FlushTlbAll();

    /// <summary>wake_up(&amp;pkmap_map_wait).</summary>
    [PartOf]
    protected virtual KernelTask WakeSleepers() => _pkmapMapWait.WakeUp();

    /// <summary>set_pte() or pte_clear() in pkmap_page_table.</summary>
    protected internal void SetPkmapPte(int slot, Page page) =>
        Kernel.SetPte(PkmapPte(slot), page.Frame);

    /// <summary>pte_page(pkmap_page_table[slot]); none if the entry is empty.</summary>
    protected Page PkmapPtePage(int slot) => new(Kernel.GetPte(PkmapPte(slot)).Number);

    internal Shared<TKernel> CursorWord => _lastPkmapNr;

    internal SharedArray<TKernel> Counts => _pkmapCount;

    internal bool IsLocked => _kmapLock.IsLocked;

    internal VirtualPage PkmapPte(int slot) => new(_pkmapPageTable.Index + slot);

    /// <summary>The search of map_new_virtual(), for a port in which not every slot is for every page.</summary>
    [PartOf]
    protected virtual KernelTask<int> FindFreeSlot(Page page) => FindFreeSlot();

    /// <summary>The sleep of map_new_virtual(), for a port in which not all wait in one queue.</summary>
    [PartOf]
    protected virtual KernelTask SleepForSlot(Page page) => SleepForSlot();

    /// <summary>kmap_high() counts its user: how many there are now, plus one.</summary>
    [PartOf]
    protected virtual int AddUser(int slot) => ++_pkmapCount[slot];

    /// <summary>
    /// Whom kunmap_high() wakes when it has dropped a user, as a number that <see cref="Wake"/> knows; 0 for nobody.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="users">Its users now, plus one.</param>
    [PartOf]
    protected virtual int WhomToWake(int slot, int users) => users == 1 && _pkmapMapWait.IsActive ? 1 : 0;

    /// <summary>Wakes whom <see cref="WhomToWake"/> has named, without kmap_lock.</summary>
    [PartOf]
    protected virtual KernelTask Wake(int whom) => WakeSleepers();
}
