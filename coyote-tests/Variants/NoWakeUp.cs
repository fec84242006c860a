using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.CoyoteTests.Variants;

/// <summary>kunmap_high() sees that somebody sleeps, and forgets to wake anybody.</summary>
[Variant("no-wakeup", "nobody is woken when a slot becomes idle")]
internal sealed class NoWakeUp<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config) : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    protected override async KernelTask WakeSleepers()
    {
    }
}
