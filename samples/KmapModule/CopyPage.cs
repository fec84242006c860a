using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace KmapModule;

/// <summary>
/// Each task copies a word of its own page into a page that all share, as a file system that uses kmap() would.
/// </summary>
/// <remarks>
/// The source is unmapped before the target is mapped: who holds one mapping while it waits for another can wait for
/// ever.
/// </remarks>
[Scenario(
    "copy-page",
    "each task copies a word of its own page into a page that all share",
    Uses = SizeParts.Tasks | SizeParts.Slots | SizeParts.Rounds,
    Tasks = 2,
    Slots = 1,
    AnyRounds = true)]
public sealed class CopyPage<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <summary>One page for each task, and the one that all share.</summary>
    protected override int PagesOf(ScenarioSize size) => size.Tasks + 1;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        var target = new Page(Size.Tasks);
        for (int task = 0; task < Size.Tasks; task++)
        {
            var source = new Page(task);
            boot.Spawn("copier", () => Copy(source, target));
        }

        // So a proof may take two tasks for one another. It checks that, and says so if it was not true.
        boot.DeclareInterchangeable(firstTask: 0, Size.Tasks, firstPage: 0, pagesEach: 1);
    }

    private async KernelTask Copy(Page source, Page target)
    {
        // A round as a choice: each may be the last, so that one proof covers any number of them.
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            // Map and Unmap are kmap() and kunmap().
            VirtualAddress from = await Map(source);
            await Kernel.Load(from, new PageFrame(source.Number));
            await Unmap(source);

            VirtualAddress to = await Map(target);
            await Kernel.Store(to, new PageFrame(target.Number), target.Number + 1);
            await Unmap(target);
        }
    }
}
