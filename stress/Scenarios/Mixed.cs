using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// Both kinds of mapping at once, on too few CPUs: a task holds a permanent mapping over a preemption, never an atomic
/// one.
/// </summary>
[Scenario(
    "mixed",
    "more tasks than CPUs map permanently, and copy into what they hold through atomic mappings",
    Tasks = 3,
    Slots = 2,
    Pages = 3,
    Cpus = 2,
    AnyRounds = true)]
public sealed partial class Mixed<TKernel> : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        for (int task = 0; task < Size.Tasks; task++)
        {
            var page = new Page(task % Size.Pages);
            var source = new Page((task + 1) % Size.Pages);
            boot.Spawn("mixed", () => Worker(page, source));
        }
    }

    private async KernelTask Worker(Page page, Page source)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            VirtualAddress address = await Map(page);
            await UseAtomically(source, KmType.User0);
            await Use(address, page);
            await Unmap(page);
        }
    }
}
