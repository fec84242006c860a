using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>Finds a page frame that is entered at a second address while it is still mapped at another.</summary>
/// <remarks>It counts, per frame, the page table entries that lead to it.</remarks>
public sealed class DoubleMappingDetector : Detector
{
    private int _mappings;

    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.PteChange;

    /// <inheritdoc/>
    public override void OnBoot(MachineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _mappings = builder.AllocateWords(
            "mappings",
            builder.FrameCount,
            WordSort.Number,
            -1,
            IndexSort.Frame,
            role: RegionRole.Bookkeeping);
    }

    internal override void OnStart(int[] memory, MmuLayout mmu)
    {
        memory.AsSpan(_mappings, mmu.Frames).Clear();
        for (int page = 0; page < mmu.Pages; page++)
        {
            int frame = memory[mmu.PageTableBase + page] - 1;
            if (frame >= 0 && mmu.RegionOf(page) is { IsExclusive: true })
                memory[_mappings + frame]++;
        }
    }

    /// <inheritdoc/>
    public override void OnPteChange(MachineView machine, VirtualPage page, PageFrame before, PageFrame after)
    {
        if (!machine.Mmu.IsExclusive(page.Index))
            return;

        if (!before.IsNone)
            machine.OwnWord(_mappings + before.Number)--;

        if (
            !after.IsNone
            && ++machine.OwnWord(_mappings + after.Number) > 1
            && Elsewhere(machine, page.Index, after) is var other and >= 0)
        {
            machine.Report(
                FailureClass.DoubleMapping,
                $"page {after.Number} is mapped at {machine.Mmu.AddressOf(page.Index)} while it is still mapped at "
                + $"{machine.Mmu.AddressOf(other)}"
                + $"\n  by {machine.NameOf(machine.CurrentContext)} in {machine.RunningChain}");
        }
    }

    // An entry that nobody uses may have been left behind.
    private static int Elsewhere(MachineView machine, int page, PageFrame frame)
    {
        for (int other = 0; other < machine.Mmu.Pages; other++)
        {
            if (
                other != page
                && machine.Mmu.IsExclusive(other)
                && machine.Mmu.Entry(other) == frame
                && machine.Machine.Image.Hints.IsInUse(other))
                return other;
        }

        return -1;
    }
}
