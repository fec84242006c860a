using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds accesses that reach the wrong page because a CPU kept a translation that its page table entry no longer has.
/// </summary>
public sealed class StaleTlbDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.WrongAccess;

    /// <inheritdoc/>
    public override void OnWrongAccess(MachineView machine, in MemoryAccess access)
    {
        if (access.Reached == access.Entry || access.Reached == access.Intended)
            return;

        machine.Report(
            FailureClass.StaleTlb,
            $"{machine.NameOf(access.Context)} uses {access.Address} for page {access.Intended.Number}, but CPU "
            + $"{machine.Tasks.Cpu(access.Context)} "
            + $"still has page {access.Reached.Number} in its TLB (the page table says {access.Entry})");
    }
}
