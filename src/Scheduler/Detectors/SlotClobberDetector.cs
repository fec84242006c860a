using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds a slot of a region like the fixmap that somebody takes or empties while another, or an outer call, still uses
/// it; that is used after it was given back; or that is never given back.
/// </summary>
/// <remarks>
/// Whoever writes a page table entry there uses the slot until it says that it is done
/// (<see cref="IKernel.ReleaseSlot"/>). An entry that is left behind after that belongs to nobody.
/// </remarks>
public sealed class SlotClobberDetector : Detector
{
    private int _users = -1; // Per page table entry, the context that uses it, plus 1.

    /// <inheritdoc/>
    public override MachineEvents Events =>
        _users < 0
            ? MachineEvents.None
            : MachineEvents.PteChange | MachineEvents.SlotRelease | MachineEvents.Access | MachineEvents.Exit;

    /// <inheritdoc/>
    public override void OnBoot(MachineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.HasSharedRegion)
            _users = builder.AllocateWords(
                "slot_users",
                builder.PageCount,
                WordSort.Context,
                -1,
                role: RegionRole.Bookkeeping);
    }

    /// <inheritdoc/>
    public override void OnPteChange(MachineView machine, VirtualPage page, PageFrame before, PageFrame after)
    {
        if (machine.Mmu.IsExclusive(page.Index))
            return;

        int user = machine.OwnWord(_users + page.Index) - 1;
        if (user >= 0)
        {
            string whose =
                user == machine.CurrentContext ? "it still uses itself" : $"{machine.NameOf(user)} still uses";
            string forWhat = before.IsNone ? "" : $" for page {before.Number}";
            string what = after.IsNone
                ? $"empties {machine.NameOf(page)}"
                : $"maps page {after.Number} into {machine.NameOf(page)}";
            Report(machine, $"{machine.NameOf(machine.CurrentContext)} {what}, which {whose}{forWhat}");
        }

        if (!after.IsNone)
            machine.OwnWord(_users + page.Index) = machine.CurrentContext + 1;
    }

    /// <inheritdoc/>
    public override void OnSlotRelease(MachineView machine, VirtualPage page)
    {
        ref int user = ref machine.OwnWord(_users + page.Index);
        if (user == 0)
        {
            machine.Report(
                FailureClass.ReferenceCount,
                $"{machine.NameOf(machine.CurrentContext)} unmaps {machine.NameOf(page)}, which nobody has mapped\n  "
                + $"in {machine.RunningChain}");
        }
        else if (user != machine.CurrentContext + 1)
        {
            Report(
                machine,
                $"{machine.NameOf(machine.CurrentContext)} gives back {machine.NameOf(page)}, which "
                + $"{machine.NameOf(user - 1)} uses");
        }

        user = 0;
    }

    /// <inheritdoc/>
    public override void OnAccess(MachineView machine, in MemoryAccess access, int page)
    {
        if (page < 0 || machine.Mmu.IsExclusive(page) || machine.OwnWord(_users + page) != 0)
            return;

        machine.Report(
            FailureClass.UseAfterUnmap,
            $"{machine.NameOf(access.Context)} uses {access.Address} for page {access.Intended.Number}, but "
            + $"{machine.NameOf(new VirtualPage(page))} has been given back"
            + $"\n  in {machine.RunningChain}");
    }

    /// <inheritdoc/>
    public override void OnExit(MachineView machine, int context)
    {
        for (int page = 0; page < machine.Mmu.Pages; page++)
        {
            if (machine.OwnWord(_users + page) != context + 1)
                continue;

            PageFrame frame = machine.Mmu.Entry(page);
            string what = frame.IsNone ? "" : $", in which page {frame.Number} is mapped";
            machine.Report(
                FailureClass.Leak,
                $"{machine.NameOf(context)} ends and has not given back {machine.NameOf(new VirtualPage(page))}{what}");
        }
    }

    private static void Report(MachineView machine, string message) =>
        machine.Report(FailureClass.SlotClobber, $"{message}\n  in {machine.RunningChain}");
}
