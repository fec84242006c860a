using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds calls of what may sleep in an interrupt, with interrupts or preemption off, or under a spin lock.
/// </summary>
/// <remarks>
/// It sees more than might_sleep() does: without CONFIG_PREEMPT a spin lock raises no count that the kernel could look
/// at.
/// </remarks>
public sealed class SleepInAtomicDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.MaySleep;

    /// <inheritdoc/>
    public override void OnMaySleep(MachineView machine, int context, string function)
    {
        machine.Report(
            FailureClass.SleepInAtomic,
            $"{machine.NameOf(context)} comes to {function}() although it must not sleep: "
            + $"{string.Join(", ", Reasons(machine, context))}\n  in {machine.RunningChain}");
    }

    private static IEnumerable<string> Reasons(MachineView machine, int context)
    {
        if (machine.Machine.KindOf(context) is { } kind)
            yield return $"it is a {kind.ToString().ToLowerInvariant()} interrupt";

        if (machine.Cpus.IrqsDisabled(machine.Tasks.Cpu(context)))
            yield return "interrupts are off";

        int locks = machine.Tasks.Locks(context);
        if (locks != 0)
            yield return locks == 1 ? "it holds a spin lock" : $"it holds {locks} spin locks";

        yield return $"preempt_count is {machine.Tasks.PreemptCount(context):x8}";
    }
}
