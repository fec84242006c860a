using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>map_new_virtual() declares itself asleep when its wake-up may already have come.</summary>
[Variant("state-after-unlock", "map_new_virtual() sets its task state after it has released kmap_lock")]
[Race(
    "state-after-unlock",
    FailureClass.LostWakeup,
    Script = "mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Task 1 is on the queue and has released kmap_lock, but is still TASK_RUNNING. Task 0 unmaps and wakes
        the queue: a running task has nothing to be woken from. Then task 1 sets TASK_UNINTERRUPTIBLE and sleeps
        for ever.
        """,
    Fix = "The state is set first, under kmap_lock; a wake-up in between sets it back to TASK_RUNNING, and schedule() "
        + "returns at once.",
    Reference = "mm/highmem.c, map_new_virtual(); kernel/sched.c, try_to_wake_up()")]
public sealed partial class StateAfterUnlock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await PkmapMapWait.Add();
        await KmapLock.Release();
        await Kernel.SetState(TaskState.Uninterruptible); // The bug: this undoes a wake-up that came in between.
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
