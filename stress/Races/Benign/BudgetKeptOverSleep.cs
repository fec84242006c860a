using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>
/// Harmless: a budget that has run out is refilled at the next wrap, which comes within LAST_PKMAP turns.
/// </summary>
[Variant("budget-kept-over-sleep", "map_new_virtual() does not refill its budget after a sleep", IsBenign = true)]
public sealed partial class BudgetKeptOverSleep<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapNewVirtual(Page page)
    {
        int budget = Layout.Slots;
        while (true)
        {
            Kernel.LoopTurn();
            int cursor = AdvanceCursor();
            if (cursor == 0)
            {
                await FlushAllZeroPkmaps();
                budget = Layout.Slots;
            }

            if (PkmapCount[cursor] == 0)
                return await MapSlot(cursor, page);

            if (--budget != 0)
                continue;

            await SleepForSlot();
            VirtualAddress address = await RecheckAfterSleep(page);
            if (!address.IsNull)
                return address;
        }
    }
}
