using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>map_new_virtual() does not look again after its sleep whether somebody else has mapped the page.</summary>
[Variant("no-recheck", "a task that has slept maps its page without looking at page_address() again")]
internal sealed class NoRecheck<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: the answer that was true before the sleep.
    protected override async KernelTask<VirtualAddress> RecheckAfterSleep(Page page) => VirtualAddress.Null;
}
