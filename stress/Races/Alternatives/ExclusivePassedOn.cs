using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// A free slot wakes one sleeper, and whoever finds no use for it wakes the next: what exclusive waiters lack.
/// </summary>
[Variant(
    "exclusive-passed-on",
    "sleepers are exclusive, and who is woken and needs no slot wakes the next one",
    IsBenign = true)]
public sealed partial class ExclusivePassedOn<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await PkmapMapWait.AddExclusive();
        await KmapLock.Release();
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }

    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> RecheckAfterSleep(Page page)
    {
        VirtualAddress address = await PageAddress(page);
        if (!address.IsNull)
            await PkmapMapWait.WakeUp(); // The slot is still free, and this wake-up was the only one for it.

        return address;
    }
}
