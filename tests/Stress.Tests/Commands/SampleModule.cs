using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>What somebody else's assembly may contain: a scenario in which a task forgets to unmap.</summary>
[Scenario("forgetful", "a task maps a page and ends", Tasks = 1, Slots = 1, Pages = 1)]
public sealed class Forgetful<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
            boot.Spawn("forgetful", Worker);
    }

    private async KernelTask Worker() => await Map(new Page(0));
}
