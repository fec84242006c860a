using System.Threading;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Races;

/// <summary>Finds a race by random walk, and among the first failing executions one that is easy to read.</summary>
/// <remarks>One thread and a fixed number of executions, so the result depends on the seed only.</remarks>
internal static class RaceSearch
{
    internal const string Strategy = "random";

    private const int ExecutionsMax = 200_000;
    private const int ExecutionsToChooseFrom = 2_000;
    private const int StepsMax = 10_000;

    /// <summary>
    /// The number of the first execution that showed the race, and the most readable failing one; null if none did.
    /// </summary>
    internal static RaceFound? Find(RaceEntry race, ulong seed, CancellationToken cancellation)
    {
        MachineImage image = race.Experiment.Boot();
        var machine = new Machine(image);
        var counter = new PreemptionCounter();
        var execution = new Execution(machine, StepsMax, counter);
        var strategy = new RandomWalkStrategy(seed);
        RaceFound? best = null;
        for (
            int number = 1;
            number <= (best is null ? ExecutionsMax : ExecutionsToChooseFrom) && !cancellation.IsCancellationRequested;
            number++)
        {
            execution.Run(strategy, number);
            if (execution.Finding is not { } finding || !race.IsShownBy(finding.Class))
                continue;

            var failed = new FailedExecution(number, finding, execution.Schedule.ToArray())
            {
                Preemptions = counter.Preemptions,
            };
            var found = new RaceFound(best?.First ?? number, failed);
            if (best is null || Readability(race, found).CompareTo(Readability(race, best)) < 0)
                best = found;
        }

        return best;
    }

    // The class that the race is known for comes first: its story tells of that.
    private static (bool IsOther, int Preemptions, int Steps) Readability(RaceEntry race, RaceFound found) =>
        (found.Failed.Finding.Class != race.Attribute.Shows, found.Failed.Preemptions, found.Failed.Schedule.Length);
}

/// <summary>A race that was found.</summary>
/// <param name="First">The number of the first execution that showed it.</param>
/// <param name="Failed">Of the failing executions looked at, one of the class that the race is known for if there is
/// one, with the fewest preemptions and then steps.</param>
internal sealed record RaceFound(long First, FailedExecution Failed);
