using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless: who needs this wake-up has queued before releasing kmap_lock, and so before this test.</summary>
[Variant(
    "queue-test-after-unlock",
    "kunmap_high() tests the wait queue after it has released kmap_lock",
    IsBenign = true)]
public sealed partial class QueueTestAfterUnlock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");
        int users = --PkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero");
        await KmapLock.Release();
        if (users == 1 && await PkmapMapWait.IsActiveOnce())
            await WakeSleepers();
    }
}
