using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>map_new_virtual() trusts, after its sleep, what it knew before: that its page is mapped nowhere.</summary>
[Variant("no-recheck", "map_new_virtual() does not look at page_address() again after its sleep")]
[Race(
    "no-recheck",
    FailureClass.DoubleMapping,
    Script = "mA uA xA | mB uB mC xB mA uA xC xA",
    Slots = 2,
    Story = """
        Both slots are taken when task 0 wants page A, so it drops kmap_lock and sleeps. Task 1 gives back B,
        which wakes it, and maps A itself before task 0 has the lock again. Task 0 finds the other slot free and
        maps A there too. page_address() knows one of the two; the kunmaps both go to that slot, whose count
        reaches 0, and the other slot is never given back.
        """,
    Fix = "After schedule(), with kmap_lock held again, map_new_virtual() asks page_address() once more and returns "
        + "the mapping it finds.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class NoRecheck<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: somebody may have mapped the page while this task slept, and it is mapped a second time.
    /// <inheritdoc/>
    protected override KernelTask<VirtualAddress> RecheckAfterSleep(Page page) => default;
}
