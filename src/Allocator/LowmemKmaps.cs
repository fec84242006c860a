using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>The same functions on a kernel without CONFIG_HIGHMEM, where every page has an address for ever (include/linux/highmem.h).</summary>
/// <remarks>Nothing here counts, sleeps or turns preemption off, so nothing is a scheduling point.</remarks>
public sealed class LowmemKmaps<TKernel>(TKernel kernel, MemoryMap pages, KernelRelease release)
    where TKernel : struct, IKernel
{
    /// <summary>nr_free_highpages().</summary>
    public static int NrFreeHighpages => 0;

    /// <summary>kmap(): may sleep, it says, so that wrong callers are found on any kernel.</summary>
    public VirtualAddress Kmap(Page page)
    {
        kernel.MightSleep();
        return pages.LowmemAddress(page);
    }

    /// <summary>kunmap(): nothing, in interrupts too.</summary>
    public void Kunmap(Page page) => _ = page;

    /// <summary>kmap_atomic(): unlike with CONFIG_HIGHMEM, preempt_count stays.</summary>
    public VirtualAddress KmapAtomic(Page page, KmType type)
    {
        _ = type;
        return pages.LowmemAddress(page);
    }

    /// <summary>kmap_atomic_pfn(), since 2.6.13.</summary>
    public VirtualAddress KmapAtomicPfn(PageFrame frame, KmType type)
    {
        HighMemory<TKernel>.RequireKmapAtomicPfn(release);
        return KmapAtomic(new Page(frame.Number), type);
    }

    /// <summary>kunmap_atomic(): nothing.</summary>
    public void KunmapAtomic(VirtualAddress address, KmType type) => _ = (address, type);

    /// <summary>kmap_atomic_to_page().</summary>
    public Page KmapAtomicToPage(VirtualAddress address) => MemoryMap.VirtToPage(address);
}
