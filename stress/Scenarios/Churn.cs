using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>The everyday load: slots come and go, and with fewer slots than tasks somebody sleeps.</summary>
[Scenario(
    "churn",
    "each task maps, uses and unmaps a page of its own, again and again",
    Tasks = 4,
    Slots = 2,
    Pages = 4,
    Rounds = 3,
    AnyRounds = true,
    BeginsAgain = true)]
public sealed partial class Churn<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        SpawnWithPages(boot, "churn", Worker);

        if (Size.Pages >= Size.Tasks)
            boot.DeclareInterchangeable(firstTask: 0, Size.Tasks, firstPage: 0, pagesEach: 1);
    }

    private async KernelTask Worker(Page page)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await MapUseUnmap(page);
    }
}
