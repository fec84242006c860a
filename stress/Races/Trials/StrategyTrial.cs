using System.Threading;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Races.Trials;

/// <summary>
/// Lets a strategy look for a race that is there and easy to find: one that does not find it has not shown that it
/// looks at all.
/// </summary>
internal static class StrategyTrial
{
    internal const int ExecutionsMax = 2_000;

    /// <summary>A wake-up that is lost if one task comes between two steps.</summary>
    internal const string Race = "queue-after-unlock";

    private const int StepsMax = 10_000;

    internal static bool Finds(ScenarioCatalogue catalogue, SearchStrategy strategy, CancellationToken cancellation)
    {
        RaceEntry race = catalogue.Race(Race);
        var execution = new Execution(new Machine(race.Experiment.Boot()), StepsMax);
        for (int number = 1; number <= ExecutionsMax && !cancellation.IsCancellationRequested; number++)
        {
            execution.Run(strategy, number);
            if (execution.Finding is { } finding && race.IsShownBy(finding.Class))
                return true;
        }

        return false;
    }
}
