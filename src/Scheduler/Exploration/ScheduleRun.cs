using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Runs a schedule on a machine as far as it can be followed, and lets the machine judge where it ends.
/// </summary>
internal static class ScheduleRun
{
    /// <summary>Runs it; false if a transition of it cannot happen.</summary>
    internal static bool Run(
        Machine machine,
        ReadOnlySpan<Transition> schedule,
        int loop,
        FailureClass? expected,
        params IExecutionObserver[] observers)
    {
        var endless = new LoopObserver(machine, schedule.Length - loop);
        if (!new Execution(machine, observers: [endless, .. observers]).Follow(new ReplayStrategy(schedule)))
            return false;

        if (loop > 0)
            endless.Conclude(expected);

        if (machine.Finding is null)
            machine.CheckReached();

        return true;
    }
}
