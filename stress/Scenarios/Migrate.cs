using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// Tasks are moved from CPU to CPU wherever that is allowed; an atomic mapping must keep its task where it is.
/// </summary>
[Scenario(
    "migrate",
    "more tasks than CPUs map atomically, and are preempted and moved to other CPUs in between",
    Tasks = 3,
    Pages = 3,
    Cpus = 2,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus)]
public sealed partial class Migrate<TKernel> : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            int first = task;
            boot.Spawn("nomad", () => Worker(first));
        }
    }

    private async KernelTask Worker(int first)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            await UseWhereItStands(new Page(first % Size.Pages));
            await UseWhereItStands(new Page((first + 1) % Size.Pages));
        }
    }

    private async KernelTask UseWhereItStands(Page page)
    {
        VirtualAddress address = await Highmem.KmapAtomic(page, KmType.User0);
        CpuId before = Kernel.CurrentCpu;
        await Use(address, page);
        if (Kernel.CurrentCpu != before)
            Kernel.Fail(
                FailureClass.Assertion,
                $"task {Kernel.CurrentTask.Number} was moved from CPU {before.Number} to CPU "
                + $"{Kernel.CurrentCpu.Number} with an atomic mapping");

        await Highmem.KunmapAtomic(address, KmType.User0);
        Kernel.OperationDone();
    }
}
