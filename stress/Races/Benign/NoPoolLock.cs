using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>
/// Harmless, and what later kernels do: every caller of set_page_address() holds kmap_lock, which is what the pool is
/// checked against here.
/// </summary>
[Variant("no-pool-lock", "set_page_address() uses the pool of records without pool_lock", IsBenign = true)]
public sealed partial class NoPoolLock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override int PoolGuard => KmapLock.Number;

    /// <inheritdoc/>
    protected override async KernelTask AddPageAddress(Page page, VirtualAddress address)
    {
        BugOn(IsPoolEmpty, "set_page_address:pool_empty");
        int record = TakeFromPool();
        FillRecord(record, page, address);

        int bucket = PageSlot(page);
        int flags = await ChainLock(bucket).AcquireIrqSave();
        AppendToChain(bucket, record);
        await ChainLock(bucket).ReleaseIrqRestore(flags);
    }

    /// <inheritdoc/>
    protected override async KernelTask RemovePageAddress(Page page)
    {
        int bucket = PageSlot(page);
        int flags = await ChainLock(bucket).AcquireIrqSave();
        int record = UnlinkFromChain(bucket, page);
        await ChainLock(bucket).ReleaseIrqRestore(flags);
        if (record != End)
            AppendToPool(record);
    }
}
