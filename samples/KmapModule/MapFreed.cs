using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace KmapModule;

/// <summary>
/// A task maps a page that it has given back to the page allocator. It never looks into it, so only a detector for that
/// can tell.
/// </summary>
[Race(
    "freed-page-mapped",
    FailureClass.UseAfterFree,
    Story = "The task frees its page, maps it, and unmaps it again without having looked into it.",
    Fix = "Who maps a page holds it.")]
[Scenario("map-freed", "a task frees a page, and then maps it", Uses = SizeParts.None, Tasks = 1, Slots = 1, Pages = 1)]
public sealed class MapFreed<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    private HighmemZone<TKernel> _zone = null!;

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        _zone = new HighmemZone<TKernel>(boot, first: 0, Size.Pages);
        boot.Spawn("careless", Worker);
    }

    private async KernelTask Worker()
    {
        Page page = await _zone.AllocPage();
        await _zone.FreePage(page);
        await Map(page); // The bug.
        await Unmap(page);
    }
}

/// <summary>Finds page table entries that begin to lead to a page frame that is free.</summary>
[Detector("free-frame-mapped", "a page table entry begins to lead to a page that is free")]
public sealed class FreeFrameMappedDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.PteChange;

    /// <inheritdoc/>
    public override void OnPteChange(MachineView machine, VirtualPage page, PageFrame before, PageFrame after)
    {
        if (after.IsNone || !machine.IsFree(after))
            return;

        machine.Report(
            FailureClass.UseAfterFree,
            $"{machine.NameOf(machine.CurrentContext)} maps page {after.Number}, which is free\n  in "
            + $"{machine.RunningChain}");
    }
}
