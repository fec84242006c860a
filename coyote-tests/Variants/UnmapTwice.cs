using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>kunmap_high() drops two uses, so one of them was somebody else's, or nobody's.</summary>
[Variant("unmap-twice", "each kunmap_high() drops two uses")]
internal sealed class UnmapTwice<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    public override async KernelTask KunmapHigh(Page page)
    {
        await base.KunmapHigh(page);
        await base.KunmapHigh(page);
    }
}
