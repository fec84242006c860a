using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>map_new_virtual() drops kmap_lock before it joins the wait queue, and misses its wake-up.</summary>
[Variant("queue-after-unlock", "map_new_virtual() joins the wait queue after it has released kmap_lock")]
[Race(
    "queue-after-unlock",
    FailureClass.LostWakeup,
    Script = "mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        kunmap_high() tests the queue under kmap_lock. A sleeper that has unlocked but not yet queued is
        invisible to it: task 0 drops its use, sees an empty queue and wakes nobody; then task 1 queues and
        sleeps for ever.
        """,
    Fix = "Queueing happens under kmap_lock. The lock-free rewrite of the -rt tree had this bug, and took "
        + "wait_event(), which looks again after queueing.",
    Reference = "mm/highmem.c, map_new_virtual(); A. Morton to P. Zijlstra, 28 January 2007")]
public sealed partial class QueueAfterUnlock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await KmapLock.Release();
        await PkmapMapWait.Add(); // The bug: too late, the wake-up may be gone.
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
