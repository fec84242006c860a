using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds accesses that fault or reach another page than the one that is meant, although the TLB is up to date; and such
/// as reach the right one by a mapping that has been given back, and is there only because nobody has cleared it yet.
/// </summary>
public sealed class WrongPageDetector : Detector
{
    private bool _knowsGivenBack;

    /// <inheritdoc/>
    public override MachineEvents Events =>
        MachineEvents.WrongAccess | (_knowsGivenBack ? MachineEvents.Access : MachineEvents.None);

    /// <inheritdoc/>
    public override void OnBoot(MachineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _knowsGivenBack = builder.KnowsGivenBack;
    }

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

    /// <inheritdoc/>
    public override void OnAccess(MachineView machine, in MemoryAccess access, int page)
    {
        bool isRight = access.Reached == access.Intended && access.Entry == access.Intended;
        if (!isRight || page < 0 || !machine.IsGivenBack(page, access.Reached))
            return;

        machine.Report(
            FailureClass.UseAfterUnmap,
            $"{machine.NameOf(access.Context)} uses {access.Address} for page {access.Intended.Number}, which "
            + $"everybody has unmapped: it is there only until the next flush\n  in {machine.RunningChain}");
    }
}
