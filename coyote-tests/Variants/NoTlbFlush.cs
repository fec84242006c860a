using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>flush_all_zero_pkmaps() empties page table entries and leaves the TLBs as they are.</summary>
[Variant("no-tlb-flush", "slots are used again while TLBs still have their old pages")]
internal sealed class NoTlbFlush<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    protected override async KernelTask FlushTlbKernelRange()
    {
    }
}
