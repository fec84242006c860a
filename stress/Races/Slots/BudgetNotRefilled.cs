using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>map_new_virtual() flushes and then gives up before it has looked at what the flush has freed.</summary>
[Variant("budget-not-refilled", "map_new_virtual() does not look at all slots again after the flush")]
[Race(
    "budget-not-refilled",
    FailureClass.LostWakeup,
    MayShow = [FailureClass.Deadlock],
    Script = "mA mB xA mC xB xC",
    Slots = 2,
    Story = """
        One task is enough. It holds B, has unmapped A, and wants C. The search passes the slot of A while its
        count is still 1, wraps, flushes, which frees that slot, and stops because it has looked at LAST_PKMAP
        slots. The task sleeps beside a free slot, and nobody else is there to wake it.
        """,
    Fix = "count = LAST_PKMAP after the flush: all slots deserve another look.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class BudgetNotRefilled<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask<int> FindFreeSlot()
    {
        int budget = Layout.Slots;
        while (true)
        {
            Kernel.LoopTurn();
            int cursor = AdvanceCursor();
            if (cursor == 0)
                // The bug: the slots before the cursor have become free and are not looked at again.
                await FlushAllZeroPkmaps();

            if (PkmapCount[cursor] == 0)
                return cursor;

            if (--budget == 0)
                return -1;
        }
    }
}
