using System.Reflection;
using Microsoft.Coyote;

namespace Kmaplab.CoyoteTests;

/// <summary>Coyote's strategies, by name.</summary>
internal static class Strategies
{
    /// <summary>The one that Coyote uses unless told otherwise: a fair mixture of the others.</summary>
    public const string Portfolio = "fair portfolio";

    /// <summary>
    /// Systematic: it begins at the end of the first execution, and reaches mistakes that are near to it.
    /// </summary>
    public const string DepthFirst = "dfs";

    /// <summary>Those that sample.</summary>
    public static readonly string[] Sampling =
    [
        Portfolio, "random", "probabilistic", "prioritization", "fair prioritization",
        "delay bounding", "fair delay bounding", "q-learning",
    ];

    /// <summary>A strategy of that name, for machines.</summary>
    public static Configuration Configure(string strategy, uint executions, uint seed = 1)
    {
        Configuration configuration = CoyoteConfiguration.ForMachine(executions, seed);
        return strategy switch
        {
            Portfolio => configuration,
            "random" => configuration.WithRandomStrategy(),
            "probabilistic" => configuration.WithProbabilisticStrategy(),
            "prioritization" => configuration.WithPrioritizationStrategy(),
            "fair prioritization" => configuration.WithPrioritizationStrategy(isFair: true),
            "delay bounding" => configuration.WithDelayBoundingStrategy(),
            "fair delay bounding" => configuration.WithDelayBoundingStrategy(isFair: true),
            "q-learning" => configuration.WithQLearningStrategy(),
            DepthFirst => WithDFSStrategy(configuration),
            _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "no strategy has this name"),
        };
    }

    // Coyote keeps this one to itself.
    private static Configuration WithDFSStrategy(Configuration configuration) => (Configuration)typeof(Configuration)
        .GetMethod(nameof(WithDFSStrategy), BindingFlags.Instance | BindingFlags.NonPublic)!
        .Invoke(configuration, null)!;
}
