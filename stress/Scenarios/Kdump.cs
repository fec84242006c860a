using Kmaplab.Allocator;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>
/// The dump of a crashed kernel: its frames, high and low, are read one after the other by number, as they have no
/// struct page here.
/// </summary>
/// <remarks>fs/proc/vmcore.c and arch/i386/kernel/crash_dump.c, copy_oldmem_page(), which uses KM_PTE0.</remarks>
[Scenario(
    "kdump",
    "each task reads a range of page frames through kmap_atomic_pfn(), which 2.6.13 brought",
    Tasks = 2,
    Pages = 4,
    AnyRounds = true,
    Uses = SizeParts.Tasks | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus)]
public sealed partial class Kdump<TKernel> : AtomicScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override int Interrupts(ScenarioSize size) => 1;

    /// <inheritdoc/>
    protected override int LowPagesOf(ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return size.Pages / 2;
    }

    /// <inheritdoc/>
    protected override void SpawnUsers(IKernelBoot<TKernel> boot)
    {
        if (!KernelRelease.Parse(Size.Release).HasKmapAtomicPfn)
            throw new UsageException(
                $"kdump needs kmap_atomic_pfn(), which Linux {Size.Release} does not have: use --release 2.6.13 or "
                + "later");

        for (int task = 0; task < Size.Tasks; task++)
            boot.Spawn("vmcore", Reader);

        var last = new Page(Size.Pages - 1);
        boot.AttachInterrupt("disk irq", InterruptKind.Hard, limit: Size.RoundsMax, () =>
            UseAtomically(last, KmType.Irq0));
    }

    private async KernelTask Reader()
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
            await ReadAll();
    }

    private async KernelTask ReadAll()
    {
        for (int number = 0; number < Size.Pages; number++)
        {
            var frame = new PageFrame(number);
            VirtualAddress address = await Highmem.KmapAtomicPfn(frame, KmType.Pte0);
            await Kernel.Load(address, frame);
            await Highmem.KunmapAtomic(address, KmType.Pte0);
        }

        Kernel.OperationDone();
    }
}
