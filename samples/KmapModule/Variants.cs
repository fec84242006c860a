using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace KmapModule;

/// <summary>
/// A variant: kunmap_high() looks its address up before it takes kmap_lock. Is that still right? It can be asked.
/// </summary>
/// <remarks>
/// Whoever unmaps has the page mapped, so its address cannot change. The change does no harm, and says so; a proof and
/// the tests hold it to that.
/// </remarks>
[Variant("early-lookup", "kunmap_high() looks its page up before it takes kmap_lock", IsBenign = true)]
public sealed class EarlyLookup<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");
        await KmapLock.Acquire();
        int users = --PkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero");
        bool needWakeup = users == 1 && PkmapMapWait.IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await WakeSleepers();
    }
}

/// <summary>A race: the same change, but with the count, too, before the lock.</summary>
[Variant("count-before-lock", "kunmap_high() counts its use down before it takes kmap_lock")]
[Race(
    "count-before-lock-race",
    FailureClass.DataRace,
    MayShow = [FailureClass.ReferenceCount, FailureClass.BugOn],
    Scenario = "copy-page",
    Story = "pkmap_count[] is guarded by kmap_lock. Task 0 changes it without, while task 1 may be in the middle of a "
        + "sweep.",
    Fix = "Take kmap_lock first.",
    Reference = "mm/highmem.c, kunmap_high()")]
public sealed class CountBeforeLock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        VirtualAddress address = await PageAddress(page);
        int users = --PkmapCount[Layout.SlotOf(address)]; // The bug.
        await KmapLock.Acquire();
        bool needWakeup = users == 1 && PkmapMapWait.IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await WakeSleepers();
    }
}
