using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>An interrupt goes round the checks of kmap() and takes kmap_lock itself.</summary>
[Scenario(
    "interrupt-kmap",
    "a hard interrupt calls kmap_high() and kunmap_high(), whose lock is not safe there",
    Tasks = 1,
    Pages = 2,
    AnyRounds = true)]
[Race(
    "kmap-in-interrupt",
    FailureClass.LockMisuse,
    MayShow = [FailureClass.Deadlock],
    Scenario = "interrupt-kmap",
    Story = """
        kmap_lock is taken with interrupts on. An interrupt that arrives on the CPU of a holder and wants kmap_lock
        spins for ever: the
        holder cannot go on before the interrupt returns. kmap() refuses interrupts because it may sleep; this caller
        went round it.
        """,
    Fix = "kmap_atomic() in interrupts; or a kmap_lock that is taken with interrupts off, which then must not be held "
        + "over a TLB flush.",
    Reference = "mm/highmem.c, kmap_high(); kmap_high_get() of ARM made the lock safe for interrupts in 2009")]
public sealed partial class InterruptKmap<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override int Interrupts(ScenarioSize size) => 1;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        SpawnWithPages(boot, "mapper", Worker);

        var last = new Page(Size.Pages - 1);
        boot.AttachInterrupt("network irq", InterruptKind.Hard, limit: Size.RoundsMax, () => MapInInterrupt(last));
    }

    private async KernelTask Worker(Page page)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await MapUseUnmap(page);
    }

    private async KernelTask MapInInterrupt(Page page)
    {
        await Highmem.KmapHigh(page);
        await Highmem.KunmapHigh(page);
    }
}
