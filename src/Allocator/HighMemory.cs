using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;

namespace Kmaplab.Allocator;

/// <summary>
/// The kernel's temporary mappings of high memory, Linux 2.6.12 to 2.6.15: mm/highmem.c and arch/i386/mm/highmem.c.
/// </summary>
/// <remarks>
/// Every function can be overridden, which is how a variant puts one mistake into it. The order of operations is the
/// kernel's; where it matters a comment says why.
/// </remarks>
[KernelObject]
public partial class HighMemory<TKernel> : HighPages<TKernel>
    where TKernel : struct, IKernel
{
    /// <summary>
    /// Lays out the allocator's memory and puts it in order (permanent_kmaps_init, page_address_init).
    /// </summary>
    public HighMemory(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config)
    {
        View = new HighMemoryView<TKernel>(this, boot.Kernel);
        _kmapLock = SpinLock<TKernel>.Create(boot, "kmap_lock");
        _pkmapMapWait = WaitQueue<TKernel>.Create(boot, "pkmap_map_wait");
        _lastPkmapNr = Shared<TKernel>.Create(boot, "last_pkmap_nr", _kmapLock.Number);
        _pkmapCount = SharedArray<TKernel>.Create(boot, "pkmap_count", Layout.Slots, _kmapLock.Number);
        _pkmapPageTable = boot.CreateRegion(
            "pkmap_page_table", Layout.Base, Layout.Slots, _kmapLock.Number, exclusive: true);
        boot.DeclareInUse(_pkmapPageTable, Layout.Slots, slot => CountOf(slot) != 0);
        CreatePageAddresses(boot);
        boot.DeclareSleep(_pkmapMapWait.Number, _kmapLock.Number, nameof(MapNewVirtual), View.IsSlotUsable);
        CreateFixmap(boot);
        if (config.Tasks <= 0)
            return;

        Account = new MappingAccount<TKernel>(boot, config);
        boot.DeclareGivenBack(_pkmapPageTable, Layout.Slots, IsGivenBack);
    }

    /// <summary>A look into it from outside the kernel.</summary>
    public HighMemoryView<TKernel> View { get; }

    /// <summary>Who maps what; null on a machine without account.</summary>
    public MappingAccount<TKernel>? Account { get; }

    /// <summary>kmap(): maps a page, sleeping until a slot is free if need be (arch/i386/mm/highmem.c).</summary>
    public virtual KernelTask<VirtualAddress> Kmap(Page page)
    {
        Pages.Require(page, "kmap");
        Kernel.MightSleep();
        if (Account is { } account && !account.IsMapping(page))
            return KmapWithAccount(account, page);

        return Pages.IsHighmem(page) ? KmapHigh(page) : PageAddress(page);
    }

    /// <summary>
    /// kunmap(): gives a mapping back. It may be called under a spin lock, but not in an interrupt
    /// (arch/i386/mm/highmem.c).
    /// </summary>
    public virtual KernelTask Kunmap(Page page)
    {
        Pages.Require(page, "kunmap");

        // Before anything else, also for low memory.
        BugOn(IsInInterrupt, "kunmap:in_interrupt");
        if (Account is { } account && !account.IsUnmapping)
            return KunmapWithAccount(account, page);

        return Pages.IsHighmem(page) ? KunmapHigh(page) : default;
    }

    // A scenario that keeps the account itself saves these two frames.
    [PartOf("kmap")]
    private async KernelTask<VirtualAddress> KmapWithAccount(MappingAccount<TKernel> account, Page page)
    {
        account.BeginMap(page);
        VirtualAddress address = Pages.IsHighmem(page) ? await KmapHigh(page) : await PageAddress(page);
        account.EndMap(page);
        return address;
    }

    [PartOf("kunmap")]
    private async KernelTask KunmapWithAccount(MappingAccount<TKernel> account, Page page)
    {
        account.BeginUnmap(page);
        if (Pages.IsHighmem(page))
            await KunmapHigh(page);

        account.EndUnmap();
    }

    /// <summary>in_interrupt(): the hardirq and softirq bits; also set while bottom halves are off.</summary>
    private protected bool IsInInterrupt => PreemptCount.IsInInterrupt(Kernel.PreemptCount);

    // The count says it too, of those that are in no account: a variant's own kmap_high(), called without kmap().
    [TreatsNamesAlike]
    private bool IsGivenBack(int slot, PageFrame frame) =>
        frame.Number < Pages.Count && Account!.IsGivenBack(new Page(frame.Number)) && CountOf(slot) < 2;

    /// <summary>pkmap_count[slot], for a look from outside the kernel.</summary>
    public int CountOf(int slot) => _pkmapCount.Peek(slot);

    /// <summary>The page in a slot's page table entry, for a look from outside; none if it is empty.</summary>
    public Page PageIn(int slot) => PkmapPtePage(slot);

    /// <summary>The first invariant that does not hold, or null (<see cref="HighMemoryView{TKernel}"/>).</summary>
    [TreatsNamesAlike]
    [SeesNoSection]
    public Finding? FindBrokenInvariant() => View.FindBrokenInvariant();
}
