using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>
/// What the rest of the kernel does to whole pages that may be high memory: map atomically, work, unmap
/// (include/linux/highmem.h). All of it is for process context, hence the types.
/// </summary>
public abstract partial class HighPages<TKernel> : AtomicKmaps<TKernel>
    where TKernel : struct, IKernel
{
    private readonly PageContents<TKernel> _contents;

    private protected HighPages(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config) => _contents = new PageContents<TKernel>(boot.Kernel);

    /// <summary>
    /// clear_user_highpage(): fills a page with zeroes before a process sees it at <paramref name="userAddress"/>, of
    /// which i386 makes no use.
    /// </summary>
    public virtual async KernelTask ClearUserHighpage(Page page, VirtualAddress userAddress)
    {
        _ = userAddress;
        await ClearHighpage(page);
        SmpWmb();
    }

    /// <summary>clear_highpage(): fills a page with zeroes.</summary>
    public virtual async KernelTask ClearHighpage(Page page)
    {
        VirtualAddress address = await KmapAtomic(page, KmType.User0);
        await _contents.Clear(address, page.Frame);
        await KunmapAtomic(address, KmType.User0);
    }

    /// <summary>
    /// memclear_highpage_flush(): fills a part of a page with zeroes. The flush is of the data cache, nothing on i386.
    /// </summary>
    public virtual async KernelTask MemclearHighpageFlush(Page page, int offset, int size)
    {
        BugOn(PageContents<TKernel>.IsOutOfRange(offset, size), "memclear_highpage_flush:out_of_range");
        VirtualAddress address = await KmapAtomic(page, KmType.User0);
        await _contents.Clear(address, page.Frame, offset, size);
        await KunmapAtomic(address, KmType.User0);
    }

    /// <summary>
    /// copy_user_highpage(): copies a page before a process sees the copy at <paramref name="userAddress"/>, of which
    /// i386 makes no use.
    /// </summary>
    public virtual async KernelTask CopyUserHighpage(Page to, Page from, VirtualAddress userAddress)
    {
        _ = userAddress;
        await CopyHighpage(to, from);
        SmpWmb();
    }

    /// <summary>copy_highpage(): copies a page.</summary>
    public virtual async KernelTask CopyHighpage(Page to, Page from)
    {
        VirtualAddress fromAddress = await KmapAtomic(from, KmType.User0);
        VirtualAddress toAddress = await KmapAtomic(to, KmType.User1);
        await _contents.Copy(toAddress, to.Frame, fromAddress, from.Frame);

        // First mapped, first unmapped: with a slot for each type the order does not matter, with a stack of slots it
        // would.
        await KunmapAtomic(fromAddress, KmType.User0);
        await KunmapAtomic(toAddress, KmType.User1);
    }

    /// <summary>
    /// smp_wmb(): the page's contents before the page table entry that shows it. Processors of i386 write in order, and
    /// so do all our machines.
    /// </summary>
    protected virtual void SmpWmb()
    {
    }
}
