using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>
/// flush_all_zero_pkmaps() lets go of kmap_lock for the time of the TLB flush, as a patch of 2024 proposed.
/// </summary>
[Variant("unlocked-tlb-flush", "flush_all_zero_pkmaps() drops kmap_lock while it flushes the TLBs")]
[Race(
    "unlocked-tlb-flush",
    FailureClass.LostWakeup,
    MayShow = [FailureClass.StaleTlb, FailureClass.DoubleMapping, FailureClass.BugOn, FailureClass.UseAfterUnmap],
    Script = "mA uA xA | mB uB xB mC uC xC",
    Slots = 1,
    Story = """
        A CPU that has interrupts off and spins for kmap_lock never answers the flusher. The proposed cure, not
        to hold the lock during the flush, breaks three things: a slot with count 0 can be taken before the
        flush has happened (a stale translation); the caller decided before the window that its page is mapped
        nowhere (mapped twice); and a use that ends in the window finds nobody on the queue, while the flusher
        goes on to sleep.
        """,
    Fix = "The flush stays under kmap_lock, and kmap_lock is taken with interrupts on.",
    Reference = "linux-arm-kernel, patch of 30 June to 31 October 2024 (zhangchun), not merged as far as known")]
public sealed partial class UnlockedTlbFlush<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask FlushTlbKernelRange()
    {
        // The bug: the slots already have count 0, and the TLBs still have their translations.
        await KmapLock.Release();
        await base.FlushTlbKernelRange();
        await KmapLock.Acquire();
    }
}
