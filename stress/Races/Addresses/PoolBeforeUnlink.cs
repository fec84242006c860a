using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Addresses;

/// <summary>set_page_address() puts a record into the pool that is still in its hash chain.</summary>
[Variant("pool-before-unlink", "set_page_address() puts a record into the pool before it unlinks it")]
[Race(
    "pool-before-unlink",
    FailureClass.BugOn,
    MayShow = [FailureClass.Livelock],
    Script = "mA xA mB mC xB mA xC mD uA xA xD",
    Slots = 2,
    Story = """
        One task is enough. A record has one pair of links, and can be in one list only. That of A goes to the pool and
        stays
        in the chain of A, is used again for C, and is then in both chains. A new record for A is linked behind it; when
        C is
        given up, the first one goes to the pool again, and its links end the chain of A. A is mapped and in use, and
        has no
        address: BUG in kunmap.
        """,
    Fix = "A record is unlinked under the lock of its chain first, then put into the pool under pool_lock.",
    Reference = "mm/highmem.c, set_page_address()")]
public sealed partial class PoolBeforeUnlink<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask RemovePageAddress(Page page)
    {
        int bucket = PageSlot(page);
        int flags = await ChainLock(bucket).AcquireIrqSave();
        int record = FindInChain(bucket, page, out _);
        await ChainLock(bucket).ReleaseIrqRestore(flags);
        if (record == End)
            return;

        flags = await PoolLock.AcquireIrqSave();
        AppendToPool(record); // The bug: this overwrites the links that the record has in its chain.
        await PoolLock.ReleaseIrqRestore(flags);

        flags = await ChainLock(bucket).AcquireIrqSave();
        UnlinkFromChain(bucket, page);
        await ChainLock(bucket).ReleaseIrqRestore(flags);
    }
}
