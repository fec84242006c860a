using Kmaplab.Allocator.Memory;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator.Lowmem;

/// <summary>
/// The same functions on a kernel without CONFIG_HIGHMEM, where every page has an address for ever
/// (include/linux/highmem.h).
/// </summary>
/// <remarks>
/// Mapping neither counts, sleeps nor turns preemption off, so it is no scheduling point; reading and writing pages is.
/// </remarks>
[KernelObject]
public sealed partial class LowmemKmaps<TKernel>(TKernel kernel, MemoryMap pages, KernelRelease release)
    where TKernel : struct, IKernel
{
    private readonly PageContents<TKernel> _contents = new(kernel);

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

    /// <summary>clear_user_highpage().</summary>
    public KernelStep ClearUserHighpage(Page page, VirtualAddress userAddress)
    {
        _ = userAddress;
        return ClearHighpage(page);
    }

    /// <summary>clear_highpage().</summary>
    public KernelStep ClearHighpage(Page page) => _contents.Clear(KmapAtomic(page, KmType.User0), page.Frame);

    /// <summary>memclear_highpage_flush().</summary>
    public KernelTask MemclearHighpageFlush(Page page, int offset, int size)
    {
        if (PageContents<TKernel>.IsOutOfRange(offset, size))
            kernel.Bug("memclear_highpage_flush:out_of_range");

        return _contents.Clear(KmapAtomic(page, KmType.User0), page.Frame, offset, size);
    }

    /// <summary>copy_user_highpage().</summary>
    public KernelTask CopyUserHighpage(Page to, Page from, VirtualAddress userAddress)
    {
        _ = userAddress;
        return CopyHighpage(to, from);
    }

    /// <summary>copy_highpage().</summary>
    public KernelTask CopyHighpage(Page to, Page from) =>
        _contents.Copy(KmapAtomic(to, KmType.User1), to.Frame, KmapAtomic(from, KmType.User0), from.Frame);
}
