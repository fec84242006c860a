using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;

namespace Kmaplab.Allocator;

/// <summary>
/// Atomic mappings: one slot of the fixmap for each type on each CPU, without any lock (arch/i386/mm/highmem.c). Nobody
/// else uses a CPU's slots as long as the task stays on it, so only interrupts and preemptions can come between.
/// </summary>
public abstract partial class AtomicKmaps<TKernel> : PageAddressTable<TKernel>
    where TKernel : struct, IKernel
{
    private readonly Fixmap? _fixmap;
    private readonly KernelRelease _release;
    private VirtualPage _fixmapTable;

    private protected AtomicKmaps(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config)
    {
        _fixmap = config.Fixmap;
        _release = config.Release;
    }

    /// <summary>The atomic mappings' place, on a machine that has them.</summary>
    public Fixmap Fixmap => _fixmap
        ?? throw new KernelMisuseException(
            $"this machine has no atomic mappings; boot it with a {nameof(KmapConfig)}.{nameof(KmapConfig.Fixmap)}");

    /// <summary>kmap_atomic(): maps a page into this CPU's slot for the type (arch/i386/mm/highmem.c).</summary>
    public virtual async KernelTask<VirtualAddress> KmapAtomic(Page page, KmType type)
    {
        Pages.Require(page, "kmap_atomic");

        // Also for low memory: the caller may rely on page faults not being handled until it unmaps.
        IncPreemptCount();
        await Kernel.InterruptWindow();
        if (!Pages.IsHighmem(page))
            return await PageAddress(page);

        int index = AtomicIndex(type);
        await Kernel.InterruptWindow();
        if (Fixmap.DebugHighmem)
        {
            BugOn(!FixmapFrame(index).IsNone, "kmap_atomic:slot_busy");
            await Kernel.InterruptWindow();
        }

        return await InstallAtomic(index, page.Frame);
    }

    /// <summary>
    /// kmap_atomic_pfn(), since 2.6.13: maps a frame that need not have a struct page, low memory too, without looking
    /// whether the slot is in use.
    /// </summary>
    public virtual async KernelTask<VirtualAddress> KmapAtomicPfn(PageFrame frame, KmType type)
    {
        RequireKmapAtomicPfn(_release);
        IncPreemptCount();
        await Kernel.InterruptWindow();
        int index = AtomicIndex(type);
        await Kernel.InterruptWindow();
        return await InstallAtomic(index, frame);
    }

    /// <summary>kunmap_atomic(): gives this CPU's slot for the type back (arch/i386/mm/highmem.c).</summary>
    public virtual async KernelTask KunmapAtomic(VirtualAddress address, KmType type)
    {
        NoteAtomicUseOver(address);

        // Without the checks nothing is unmapped: page and type are not even looked at.
        // An address below the fixmap passes for low memory, be it one of kmap() or that of a struct page.
        if (Fixmap.DebugHighmem && address.Value >= Fixmap.Start.Value)
            await ClearAtomic(address, type);

        // Only now: whoever runs next on this CPU must find the slot empty.
        DecPreemptCount();
        await Kernel.PreemptCheckResched();
    }

    /// <summary>
    /// kmap_atomic_to_page(): the page at an address, which for one of kmap() is the wrong one
    /// (arch/i386/mm/highmem.c).
    /// </summary>
    public virtual Page KmapAtomicToPage(VirtualAddress address)
    {
        if (address.Value < Fixmap.Start.Value)
            return MemoryMap.VirtToPage(address);

        BugOn(address.Value >= Fixmap.Top.Value, "kmap_atomic_to_page:out_of_range");
        PageFrame frame = FixmapFrame(Fixmap.IndexOf(address));
        return new Page(frame.IsNone ? 0 : frame.Number); // An empty entry has frame number 0, and that has a page.
    }

    /// <summary>
    /// The frame in the atomic mapping with this index, counted from FIX_KMAP_BEGIN; for a look from outside the
    /// kernel.
    /// </summary>
    public PageFrame AtomicEntry(int index) => FixmapFrame(Fixmap.KmapBegin + index);

    /// <summary>inc_preempt_count(), which counts without CONFIG_PREEMPT too.</summary>
    protected virtual void IncPreemptCount() => Kernel.AddPreemptCount(1);

    /// <summary>dec_preempt_count().</summary>
    protected virtual void DecPreemptCount() => Kernel.AddPreemptCount(-1);

    /// <summary>The fixmap index of a type on this CPU. Only with preemption off does it stay right.</summary>
    protected virtual int AtomicIndex(KmType type) => Fixmap.IndexOf(type, Kernel.CurrentCpu);

    /// <summary>__flush_tlb_one(): on this CPU only, as no other one uses the slot.</summary>
    protected virtual void FlushTlbOne(int index) => Kernel.FlushTlbOne(FixmapPte(index));

    /// <summary>
    /// The end of kmap_atomic(): page table entry, then flush, as the old translation was left behind by the last
    /// unmap.
    /// </summary>
    [PartOf]
    protected virtual async KernelTask<VirtualAddress> InstallAtomic(int index, PageFrame frame)
    {
        SetFixmapPte(index, frame);
        await Kernel.InterruptWindow();
        FlushTlbOne(index);
        return Fixmap.AddressOf(index);
    }

    /// <summary>
    /// The part of kunmap_atomic() that only CONFIG_DEBUG_HIGHMEM has: checks that the address is the slot's, and
    /// unmaps.
    /// </summary>
    [PartOf]
    protected virtual async KernelTask ClearAtomic(VirtualAddress address, KmType type)
    {
        int index = AtomicIndex(type);
        await Kernel.InterruptWindow();
        BugOn(Fixmap.PageOf(address) != Fixmap.AddressOf(index), "kunmap_atomic:wrong_slot");
        SetFixmapPte(index, PageFrame.None);
        await Kernel.InterruptWindow();
        FlushTlbOne(index);
        await Kernel.InterruptWindow();
    }

    /// <summary>set_pte() or pte_clear() in the fixmap.</summary>
    protected void SetFixmapPte(int index, PageFrame frame) => Kernel.SetPte(FixmapPte(index), frame);

    /// <summary>
    /// Tells the detectors that the caller has done with the slot. An override of kunmap_atomic() must do so too:
    /// without the checks nothing else would tell a slot in use from one that was left behind.
    /// </summary>
    protected void NoteAtomicUseOver(VirtualAddress address)
    {
        if (address.Value < Fixmap.Top.Value && address.Value >= Fixmap.Start.Value)
            Kernel.ReleaseSlot(FixmapPte(Fixmap.IndexOf(address)));
        else if (!Pages.IsLowmemAddress(address))
            Kernel.Fail(FailureClass.ReferenceCount, $"kunmap_atomic of {address}, which kmap_atomic() has not given");
        else if (PreemptCount.DepthOf(Kernel.PreemptCount) == 0)
            Kernel.Fail(
                FailureClass.ReferenceCount,
                $"kunmap_atomic of {address} without kmap_atomic(): preemption is on");
    }

    internal static void RequireKmapAtomicPfn(KernelRelease release)
    {
        if (!release.HasKmapAtomicPfn)
            throw new KernelMisuseException($"Linux {release} has no kmap_atomic_pfn(); it is there from 2.6.13 on");
    }

    private protected void CreateFixmap(IKernelBoot<TKernel> boot)
    {
        if (_fixmap is not { } fixmap)
            return;

        _fixmapTable = boot.CreateRegion("fixmap", fixmap.Start, fixmap.Pages, Protection.None, exclusive: false);
        boot.NamePages(_fixmapTable, fixmap.Pages, place => fixmap.NameOf(fixmap.Pages - place));
    }

    /// <summary>The atomic mappings' place; null on a machine that has none.</summary>
    internal Fixmap? FixmapOrNull => _fixmap;

    private PageFrame FixmapFrame(int index) => Kernel.GetPte(FixmapPte(index));

    private VirtualPage FixmapPte(int index) => new(_fixmapTable.Index + Fixmap.Pages - index);
}
