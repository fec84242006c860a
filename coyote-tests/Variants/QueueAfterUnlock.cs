using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>map_new_virtual() drops kmap_lock before it joins the wait queue, and misses its wake-up.</summary>
/// <remarks>kunmap_high() tests the queue under kmap_lock: a sleeper that has unlocked but not yet queued is invisible to it.</remarks>
[Variant("queue-after-unlock", "a task joins the wait queue only after it has released kmap_lock")]
internal sealed class QueueAfterUnlock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    protected override async KernelTask SleepForSlot()
    {
        await KmapLock.Release();
        await Kernel.SetState(TaskState.Uninterruptible);
        await PkmapMapWait.Add(); // The bug: too late, the wake-up may be gone.
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
