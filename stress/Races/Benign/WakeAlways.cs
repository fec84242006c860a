using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless: all sleepers are woken anyway, and look again.</summary>
[Variant("wake-always", "kunmap_high() wakes the queue whenever a use ends", IsBenign = true)]
public sealed partial class WakeAlways<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        await base.KunmapHigh(page);
        await PkmapMapWait.WakeUpAll();
    }
}
