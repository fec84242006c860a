using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>map_new_virtual() never tries the last slot.</summary>
[Variant("budget-one-short", "map_new_virtual() looks at one slot too few after the flush")]
[Race(
    "budget-one-short",
    FailureClass.LostWakeup,
    MayShow = [FailureClass.Deadlock],
    Script = "mA mB xA mC xB xC",
    Slots = 2,
    Story = """
        One task is enough. It holds B, has unmapped A, and wants C; the slot that the flush has freed is the
        last one, and the search ends in front of it. The task sleeps beside a free slot.
        """,
    Fix = "count = LAST_PKMAP after the flush.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class BudgetOneShort<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
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
            {
                await FlushAllZeroPkmaps();
                budget = Layout.Slots - 1; // The bug: the last slot is never tried.
            }

            if (PkmapCount[cursor] == 0)
                return cursor;

            if (--budget == 0)
                return -1;
        }
    }
}
