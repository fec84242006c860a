using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Commands;

/// <summary>The search strategies by name: the one place that lists them.</summary>
internal static class StrategyCatalogue
{
    internal const string Usual = "random";

    private static readonly (string Name, Func<ulong, SearchStrategy> Make)[] s_strategies =
    [
        ("random", seed => new RandomWalkStrategy(seed)),
    ];

    internal static IEnumerable<string> Names => s_strategies.Select(strategy => strategy.Name);

    /// <summary>Makes a strategy for each worker.</summary>
    internal static Func<SearchStrategy> Find(string name, ulong seed)
    {
        foreach ((string known, Func<ulong, SearchStrategy> make) in s_strategies)
        {
            if (known == name)
                return () => make(seed);
        }

        throw new UsageException($"there is no strategy '{name}'{NearestName.Suggestion(name, Names)}; there is {string.Join(", ", Names)}");
    }
}
