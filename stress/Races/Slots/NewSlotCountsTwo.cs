using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>map_new_virtual() counts a user that kmap_high() counts again.</summary>
[Variant("count-from-two", "map_new_virtual() begins a slot with count 2 instead of 1")]
[Race(
    "count-from-two",
    FailureClass.Leak,
    Script = "mA uA xA",
    Slots = 1,
    Story = """
        One task and one page are enough: after kunmap the slot still has a user that does not exist. After
        LAST_PKMAP such mappings every kmap sleeps for ever.
        """,
    Fix = "map_new_virtual() leaves count 1, mapped and unused; kmap_high() adds the user.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class NewSlotCountsTwo<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapSlot(int slot, Page page)
    {
        VirtualAddress address = await base.MapSlot(slot, page);
        PkmapCount[slot] = 2; // The bug: this never falls to 1 again.
        return address;
    }
}
