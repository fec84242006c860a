using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios.Atomics;

/// <summary>
/// The rules of km_type, all kept: each context uses the types that are its own, so nobody meets in a slot.
/// </summary>
[Scenario(
    "atomic",
    "tasks, a soft and a hard interrupt map atomically, each with the km_types that are theirs",
    Tasks = 2,
    Pages = 4,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus)]
public sealed partial class Atomic<TKernel> : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override int Interrupts(ScenarioSize size) => 2;

    /// <inheritdoc/>
    protected override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            int first = task;
            boot.Spawn("atomic", () => Worker(first));
        }

        boot.AttachInterrupt("timer softirq", InterruptKind.Soft, limit: Size.RoundsMax, () =>
            UseAtomically(PageOf(2), KmType.Softirq0));
        boot.AttachInterrupt("disk irq", InterruptKind.Hard, limit: Size.RoundsMax, () =>
            UseAtomically(PageOf(3), KmType.Irq0));
    }

    private async KernelTask Worker(int first)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            await UseTwo(PageOf(first), PageOf(first + 1));
            await UseWithInterruptsOff(PageOf(first));
        }
    }

    // Two at once need two types; they may be given back in any order.
    private async KernelTask UseTwo(Page one, Page other)
    {
        VirtualAddress first = await Highmem.KmapAtomic(one, KmType.User0);
        VirtualAddress second = await Highmem.KmapAtomic(other, KmType.User1);
        await Use(first, one);
        await Use(second, other);
        await Highmem.KunmapAtomic(first, KmType.User0);
        await Highmem.KunmapAtomic(second, KmType.User1);
        Kernel.OperationDone();
    }

    // A type that interrupts use is a task's too while it keeps them out.
    private async KernelTask UseWithInterruptsOff(Page page)
    {
        bool wereOff = Kernel.SetIrqsDisabled(true);
        await UseAtomically(page, KmType.Irq0);
        Kernel.SetIrqsDisabled(wereOff);
        await Kernel.InterruptWindow();
    }

    private Page PageOf(int number) => new(number % Size.Pages);
}
