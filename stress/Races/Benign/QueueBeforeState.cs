using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless: a wake-up in between belongs to a change that the search before has seen.</summary>
[Variant(
    "queue-before-state",
    "map_new_virtual() joins the wait queue before it sets its state, both under kmap_lock",
    IsBenign = true)]
public sealed partial class QueueBeforeState<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await PkmapMapWait.Add();
        await Kernel.SetState(TaskState.Uninterruptible);
        await KmapLock.Release();
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
