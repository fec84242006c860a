using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>map_new_virtual() searches for free slots and never makes one.</summary>
[Variant("no-flush-at-wrap", "map_new_virtual() does not flush when its cursor wraps")]
[Race(
    "no-flush-at-wrap",
    FailureClass.Deadlock,
    MayShow = [FailureClass.LostWakeup],
    Script = "mA uA xA mB xB",
    Slots = 1,
    Story = """
        One task is enough. A slot that was used once has count 1 for ever, so after LAST_PKMAP pages there is
        no free slot any more, though nobody uses any.
        """,
    Fix = "flush_all_zero_pkmaps() whenever last_pkmap_nr wraps to 0.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class NoFlushAtWrap<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
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
                budget = Layout.Slots; // The bug: no flush_all_zero_pkmaps(), so count 1 never becomes 0.

            if (PkmapCount[cursor] == 0)
                return cursor;

            if (--budget == 0)
                return -1;
        }
    }
}
