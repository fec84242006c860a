using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>What somebody else's assembly may contain: a scenario in which a task forgets to unmap.</summary>
[Race("forgets", FailureClass.Leak, Story = "The task ends without having unmapped its page.")]
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

/// <summary>A scenario without sizes, whose only task counts for long and stops.</summary>
[Scenario("counter", "a task counts to 200", Uses = SizeParts.None)]
public sealed class CounterOfModule<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _count;

    public override int Tasks(ScenarioSize size) => 1;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _count = Shared<TKernel>.Create(boot, "count", guard: -1);
        boot.Spawn("counter", Count);
    }

    private async KernelTask Count()
    {
        for (int i = 0; i < 200; i++)
            await _count.FetchAdd(1);
    }
}
