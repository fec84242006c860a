using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>kunmap_high() keeps the mapping.</summary>
[Variant("forgotten-unmap", "kunmap_high() does nothing")]
internal sealed class ForgottenUnmap<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    public override async KernelTask KunmapHigh(Page page)
    {
    }
}
