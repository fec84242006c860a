using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios.Atomics;

/// <summary>
/// Tasks and a hard interrupt map with the same km_type, and the tasks do not keep the interrupt out.
/// </summary>
public abstract partial class OneTypeScenario<TKernel>(string name, KmType type) : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public sealed override int Interrupts(ScenarioSize size) => 1;

    /// <inheritdoc/>
    protected sealed override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        SpawnWithPages(boot, name, Worker);
        var last = new Page(Size.Pages - 1);
        boot.AttachInterrupt("disk irq", InterruptKind.Hard, limit: Size.RoundsMax, () => UseAtomically(last, type));
    }

    private async KernelTask Worker(Page page)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await UseAtomically(page, type);
    }
}
