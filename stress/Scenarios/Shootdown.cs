using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// The flush at the wrap waits, under kmap_lock, for every other CPU to answer; some of them spin for kmap_lock, others
/// have interrupts off for a while.
/// </summary>
[Scenario(
    "shootdown",
    "the TLB flush interrupts other CPUs and waits for them, while they spin for kmap_lock or have interrupts off",
    Tasks = 2,
    Slots = 1,
    Pages = 2,
    Rounds = 2,
    Shootdown = true,
    AnyRounds = true)]
public sealed partial class Shootdown<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    private SpinLock<TKernel> _deviceLock;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        _deviceLock = SpinLock<TKernel>.Create(boot, "device_lock");
        SpawnWithPages(boot, "mapper", Worker);
    }

    private async KernelTask Worker(Page page)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            await MapUseUnmap(page);
            await UseDevice();
        }
    }

    // A CPU that cannot answer at once; it will, as nothing in here waits for the sender.
    private async KernelTask UseDevice()
    {
        int flags = await _deviceLock.AcquireIrqSave();
        await _deviceLock.ReleaseIrqRestore(flags);
    }
}
