using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds accesses that fault or reach another page than the one that is meant, although the TLB is up to date.
/// </summary>
public sealed class WrongPageDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.WrongAccess;

    /// <inheritdoc/>
    public override void OnWrongAccess(MachineView machine, in MemoryAccess access)
    {
        if (access.Reached == access.Intended && access.Entry == access.Intended)
            return;

        if (access.Reached != access.Entry && access.Reached != access.Intended)
            return; // The TLB led astray: that is another detector's.

        string what = access.Reached.IsNone ? "which is not mapped there: page fault"
            : access.Reached == access.Intended ? $"which its page table entry no longer leads to ({access.Entry})"
            : $"and reaches page {access.Reached.Number}";
        machine.Report(
            FailureClass.UseAfterUnmap,
            $"{machine.NameOf(access.Context)} uses {access.Address} for page {access.Intended.Number}, {what}");
    }
}
