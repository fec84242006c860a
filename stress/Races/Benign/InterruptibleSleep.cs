using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>
/// Harmless: after any wake-up everything is looked at again. With a signal pending it would be a busy loop.
/// </summary>
[Variant("interruptible-sleep", "map_new_virtual() sleeps TASK_INTERRUPTIBLE", IsBenign = true)]
public sealed partial class InterruptibleSleep<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Interruptible);
        await PkmapMapWait.Add();
        await KmapLock.Release();
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
