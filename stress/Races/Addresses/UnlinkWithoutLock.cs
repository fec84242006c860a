using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Addresses;

/// <summary>set_page_address() takes a record out of its hash chain while others may walk the chain.</summary>
[Variant("unlink-without-lock", "set_page_address() unlinks a record without the lock of its chain")]
[Race(
    "unlink-without-lock",
    FailureClass.DataRace,
    Script = "mA uA xA mB uB xB",
    Slots = 1,
    Story = """
        Every caller of set_page_address() holds kmap_lock, so the lock of the chain looks needless. But page_address()
        is
        called without kmap_lock, also in interrupts, and walks the chain: who stands on the record that is unlinked,
        put
        into the pool and linked into another chain goes on there, and misses a page that is mapped. The access is wrong
        whether or not somebody walks just then, so one task is enough to see it.
        """,
    Fix = "The lock of the chain is held, with interrupts off, while a record is linked or unlinked.",
    Reference = "mm/highmem.c, set_page_address(), page_address()")]
public sealed partial class UnlinkWithoutLock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask RemovePageAddress(Page page)
    {
        // The bug: page_address() walks this chain without kmap_lock.
        int record = UnlinkFromChain(PageSlot(page), page);
        if (record == End)
            return;

        int flags = await PoolLock.AcquireIrqSave();
        AppendToPool(record);
        await PoolLock.ReleaseIrqRestore(flags);
    }
}
