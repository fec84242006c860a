using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>kunmap_high() calls a slot free that is still mapped.</summary>
[Variant("count-to-zero", "kunmap_high() lets the last use leave count 0 instead of 1")]
[Race(
    "count-to-zero",
    FailureClass.BugOn,
    MayShow = [FailureClass.DoubleMapping, FailureClass.StaleTlb],
    Script = "mA mB uA xA mC uC xB xC",
    Slots = 2,
    Story = """
        One task is enough. The slot of A has count 0 after its kunmap and is handed out again without a flush:
        its page table entry, its record in page_address() and its translation are all still there. C finds the
        pool of records empty: BUG.
        """,
    Fix = "The last use leaves 1. A slot goes from 1 to 0 in flush_all_zero_pkmaps() only.",
    Reference = "mm/highmem.c, kunmap_high()")]
public sealed partial class LastUseLeavesZero<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");
        ref int count = ref PkmapCount[Layout.SlotOf(address)];
        if (--count == 1)
            count = 0; // The bug: 0 says flushed since last used, and it is not.

        bool needWakeup = count == 0 && PkmapMapWait.IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await WakeSleepers();
    }
}
