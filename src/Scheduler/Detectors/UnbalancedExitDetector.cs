using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds tasks and interrupt handlers that end with another preempt_count than they began with, with a spin lock, or
/// with interrupts off.
/// </summary>
public sealed class UnbalancedExitDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.Exit;

    /// <inheritdoc/>
    public override void OnExit(MachineView machine, int context)
    {
        if (machine.Tasks.Locks(context) != 0)
        {
            machine.Report(
                FailureClass.Leak,
                $"{machine.NameOf(context)} ends and still holds {LockOf(machine, context)}");
            return;
        }

        int began = machine.Machine.Interrupts.PreemptCountAtStart(context);
        int ends = machine.Tasks.PreemptCount(context);
        if (ends != began)
            machine.Report(
                FailureClass.Leak,
                $"{machine.NameOf(context)} ends with preempt_count {ends:x8}, and began with {began:x8}");
        else if (context < machine.Tasks.Count && machine.Cpus.IrqsDisabled(machine.Tasks.Cpu(context)))
            machine.Report(
                FailureClass.Leak,
                $"{machine.NameOf(context)} ends with interrupts off on CPU {machine.Tasks.Cpu(context)}");
    }

    private static string LockOf(MachineView machine, int context)
    {
        foreach (MemoryRegion region in machine.Machine.Image.Regions)
        {
            if (region.Sort == WordSort.Context && machine.HolderOf(region.Start) == context)
                return region.Name;
        }

        return "a spin lock";
    }
}
