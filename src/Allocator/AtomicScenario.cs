using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Allocator;

/// <summary>A scenario whose tasks and interrupts use atomic mappings too.</summary>
public abstract partial class AtomicScenario<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override Fixmap? FixmapOf(ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return Fixmap.Create(size.Cpus == 0 ? Tasks(size) : size.Cpus, size.DebugHighmem);
    }

    /// <inheritdoc/>
    protected sealed override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        ArgumentNullException.ThrowIfNull(boot);
        SpawnUsers(boot);
        boot.AtEnd(FindSlotLeftMapped);
    }

    /// <summary>Lays out what else the scenario needs, spawns its tasks and attaches its interrupts.</summary>
    protected abstract void SpawnUsers(IKernelBoot<TKernel> boot);

    /// <summary>Maps a page atomically, writes its mark and reads it back, and unmaps it.</summary>
    protected async KernelTask UseAtomically(Page page, KmType type)
    {
        VirtualAddress address = await Highmem.KmapAtomic(page, type);
        await Use(address, page);
        await Highmem.KunmapAtomic(address, type);
        Kernel.OperationDone();
    }

    // CONFIG_DEBUG_HIGHMEM unmaps, so nothing may be left; without it the last mapping of every slot is.
    private Finding? FindSlotLeftMapped()
    {
        if (!Highmem.Fixmap.DebugHighmem)
            return null;

        for (int entry = 0; entry < Highmem.Fixmap.KmapEntries; entry++)
        {
            PageFrame frame = Highmem.AtomicEntry(entry);
            if (!frame.IsNone)
                return new Finding(
                    FailureClass.Leak,
                    $"atomic mapping {entry} still maps page {frame.Number} after everybody has ended");
        }

        return null;
    }
}
