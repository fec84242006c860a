using System.Threading;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>The races of the catalogue, found and explained once for all tests.</summary>
internal static class ExplanationSamples
{
    private const ulong Seed = 1;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);
    private static readonly Dictionary<string, Explanation> s_explained = [];

    internal static IEnumerable<string> Races => s_catalogue.Races.Select(race => race.Name);

    internal static Explanation Explain(string race)
    {
        lock (s_explained)
        {
            if (!s_explained.TryGetValue(race, out Explanation? explanation))
                s_explained[race] = explanation = Find(race);

            return explanation;
        }
    }

    private static Explanation Find(string name)
    {
        RaceEntry race = s_catalogue.Race(name);
        FailedExecution failed = RaceSearch.Find(race, Seed, jobs: 1, CancellationToken.None, minimizes: false)!.Failed;
        Schedule schedule = race.Experiment.NewSchedule("random", Seed).With(failed.Finding) with
        {
            Transitions = failed.Schedule,
        };
        return ExplanationOf.Schedule(race.Experiment, schedule, $"{name}.schedule", CancellationToken.None);
    }
}
