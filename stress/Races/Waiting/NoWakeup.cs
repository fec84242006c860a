using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>kunmap_high() gives the last use of a slot back and tells nobody.</summary>
[Variant("no-wakeup", "kunmap_high() wakes nobody")]
[Race(
    "no-wakeup",
    FailureClass.LostWakeup,
    Script = "mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Task 0 has the only slot when task 1 wants one and goes to sleep on pkmap_map_wait. Task 0 unmaps and
        ends. The slot is free to be used again, and task 1 sleeps beside it for ever.
        """,
    Fix = "kunmap_high() wakes the queue, after it has released kmap_lock, when the count of a slot falls from 2 to 1.",
    Reference = "mm/highmem.c, kunmap_high()")]
public sealed partial class NoWakeup<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: whoever sleeps for a slot sleeps for ever.
    /// <inheritdoc/>
    protected override KernelTask WakeSleepers() => default;
}
