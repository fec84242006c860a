using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Tests.Modules;

/// <summary>The first task looks twice at a word and ends; all others look at it until it is set, for ever.</summary>
[Scenario("endless", "tasks wait for what the first one does not do", Uses = SizeParts.Tasks | SizeParts.Rounds)]
public sealed class EndlessScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _word;

    public override int Pages(ScenarioSize size) => 0;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _word = Shared<TKernel>.Create(boot, "word", guard: -1);
        boot.Spawn("first", () => Look(size.Rounds));
        for (int task = 1; task < size.Tasks; task++)
            boot.Spawn("other", Wait);
    }

    private async KernelTask Look(int times)
    {
        for (int i = 0; i < times; i++)
            await _word.ReadOnce();
    }

    private async KernelTask Wait()
    {
        int seen = 0;
        while (seen == 0)
            seen = await _word.ReadOnce();
    }
}
