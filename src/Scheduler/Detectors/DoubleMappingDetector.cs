using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

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
