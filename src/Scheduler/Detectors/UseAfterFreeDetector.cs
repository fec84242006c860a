using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds accesses of what is in a page frame that is free: whoever allocates it next may be writing there already.
/// </summary>
public sealed class UseAfterFreeDetector : Detector
{
    private bool _hasOwners;

    /// <inheritdoc/>
    public override MachineEvents Events => _hasOwners ? MachineEvents.Access : MachineEvents.None;

    /// <inheritdoc/>
    public override void OnBoot(MachineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _hasOwners = builder.HasFreeFrames;
    }

    /// <inheritdoc/>
    public override void OnAccess(MachineView machine, in MemoryAccess access, int page)
    {
        if (access.Reached.IsNone || !machine.IsFree(access.Reached))
            return;

        machine.Report(
            FailureClass.UseAfterFree,
            $"{machine.NameOf(access.Context)} uses page {access.Reached.Number} at {access.Address}, which is free\n "
            + $" in {machine.RunningChain}");
    }
}
