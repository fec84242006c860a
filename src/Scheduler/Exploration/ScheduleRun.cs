using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Runs a schedule on a machine as far as it can be followed, and lets the machine judge where it ends.
/// </summary>
internal static class ScheduleRun
{
    /// <summary>Runs it; false if a transition of it cannot happen.</summary>
    internal static bool Run(Machine machine, ReadOnlySpan<Transition> schedule, int loop, FailureClass expected)
    {
        var endless = new LoopCheck(machine);
        machine.Reset();
        for (int step = 0; step < schedule.Length; step++)
        {
            if (machine.Finding is not null || !machine.Enabled().Contains(schedule[step]))
                return false;

            bool isInLoop = step >= schedule.Length - loop;
            if (isInLoop)
                endless.Before();

            machine.Perform(schedule[step]);
            if (isInLoop)
                endless.After(schedule[step]);
        }

        if (loop > 0)
            endless.Conclude(expected);

        if (machine.Finding is null)
            machine.CheckReached();

        return true;
    }
}
