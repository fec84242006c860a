using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// Tasks meet on the same pages, so a mapping has several users, and a sleeper may find its page mapped by another.
/// </summary>
[Scenario(
    "shared",
    "tasks share pages: each maps, uses and unmaps one page after the other",
    Tasks = 3,
    Slots = 2,
    Pages = 3,
    Rounds = 2,
    AnyRounds = true,
    BeginsAgain = true)]
public sealed partial class SharedPages<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            int first = task % Size.Pages;
            boot.Spawn("shared", () => Worker(first));
        }
    }

    private async KernelTask Worker(int first)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await AllPages(first);
    }

    private async KernelTask AllPages(int first)
    {
        for (int i = 0; i < Size.Pages; i++)
            await MapUseUnmap(new Page((first + i) % Size.Pages));
    }
}
