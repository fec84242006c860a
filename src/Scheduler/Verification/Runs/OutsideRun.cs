using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>Finds a run that changes something outside the machine, for whoever wants to see it happen.</summary>
/// <remarks>
/// A search sees such a change on whatever way it goes next, or on the first one of the next search: that way need not
/// be the one that has made it.
/// </remarks>
/// <param name="fresh">Boots the machine, with a scenario object of its own.</param>
internal sealed class OutsideRun(Func<MachineImage> fresh)
{
    private const int Executions = 32;
    private const int StepsMax = 10_000;

    /// <summary>
    /// A schedule that shows such a change when it is run; null if this one does, or none is found soon.
    /// </summary>
    internal Transition[]? FindBetterThan(Transition[] schedule) =>
        new DeterminismCheck(new Machine(fresh())).Run(schedule) is null ? FindSchedule() : null;

    private Transition[]? FindSchedule()
    {
        var strategy = new RandomWalkStrategy(1);
        for (int number = 1; number <= Executions; number++)
        {
            // Booted each time: what the last one has changed is no change of this one.
            var trail = new StateTrail(looksOutside: true);
            var execution = new Execution(new Machine(fresh()), StepsMax, trail);
            execution.Run(strategy, number);
            if (trail.Change is not null)
                return execution.Schedule[..trail.ChangedAt].ToArray();
        }

        return null;
    }
}
