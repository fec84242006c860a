using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>kunmap_high() drops its use of a slot without kmap_lock.</summary>
[Variant("unlocked-unmap", "pkmap_count[] is decremented without kmap_lock")]
[Race("unlocked-unmap", FailureClass.DataRace, Script = "mA xA | mA xA", Slots = 1)]
internal sealed class UnlockedUnmap<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    public override async KernelTask KunmapHigh(Page page)
    {
        VirtualAddress address = await PageAddress(page);
        PkmapCount[Layout.SlotOf(address)]--; // The bug: nothing keeps others away.
        await WakeSleepers();
    }
}
