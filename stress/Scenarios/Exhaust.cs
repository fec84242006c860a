using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>One task takes every slot and waits until all others queue for one; then it lets go.</summary>
[Scenario(
    "exhaust",
    "one task holds every slot until all others sleep, then wakes them",
    Tasks = 4,
    TasksMin = 2,
    Slots = 2,
    Rounds = 2,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Slots | SizeParts.Rounds | SizeParts.Cpus)]
public sealed partial class Exhaust<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    private Shared<TKernel> _isFull;
    private Shared<TKernel> _finished;
    private Shared<TKernel> _isOver; // The rounds are common to all: the holder has ended, where that is its choice.

    private int Sleepers => Size.Tasks - 1;

    /// <inheritdoc/>
    protected override int PagesOf(ScenarioSize size) => size.Slots + size.Tasks - 1;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        _isFull = Shared<TKernel>.Create(boot, "is_full", Protection.Marked);
        _finished = Shared<TKernel>.Create(boot, "finished", Protection.Marked);
        _isOver = Shared<TKernel>.Create(boot, "is_over", Protection.Marked);
        boot.Spawn("holder", Holder);
        for (int sleeper = 0; sleeper < Sleepers; sleeper++)
        {
            var page = new Page(Size.Slots + sleeper);
            boot.Spawn("sleeper", () => Sleeper(page));
        }

        boot.DeclareInterchangeable(firstTask: 1, Sleepers, firstPage: Size.Slots, pagesEach: 1);
    }

    private async KernelTask Holder()
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await HoldAllSlots();

        if (Size.Rounds == ScenarioSize.AnyRounds)
        {
            await _isOver.WriteOnce(1);
            await _isFull.WriteOnce(1);
        }
    }

    private async KernelTask HoldAllSlots()
    {
        for (int page = 0; page < Size.Slots; page++)
            await Map(new Page(page));

        await _isFull.WriteOnce(1);
        await Highmem.AwaitSleepers(Sleepers);
        await _isFull.WriteOnce(0);
        for (int page = 0; page < Size.Slots; page++)
            await Unmap(new Page(page));

        // Nobody starts the next round before everybody has ended this one.
        await _finished.Await(Sleepers);
        await _finished.WriteOnce(0);
    }

    private async KernelTask Sleeper(Page page)
    {
        for (var rounds = new RoundsLeft(Size.RoundsMax); rounds.Next() && await IsNextRound();)
            await SleepOnce(page);
    }

    private async KernelTask<bool> IsNextRound()
    {
        await _isFull.Await(1);
        return Size.Rounds != ScenarioSize.AnyRounds || await _isOver.ReadOnce() == 0;
    }

    private async KernelTask SleepOnce(Page page)
    {
        await MapUseUnmap(page);
        await _finished.FetchAdd(1);
    }
}
