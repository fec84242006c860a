using System.Text.Json;
using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Campaigns.Pieces;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>Plans to begin with.</summary>
internal static class PlanTemplates
{
    private const string Catalogue = "catalogue";
    private const string Frontier = "frontier";
    private const string Nightly = "nightly";

    private const int FrontierTasksMax = 6;
    private const int FrontierDepthMax = 4;

    /// <summary>Their names.</summary>
    internal static string[] Names { get; } = [Catalogue, Frontier, Nightly];

    /// <summary>One of them; null if there is none of that name.</summary>
    internal static PlanFile? Find(string name, ScenarioCatalogue catalogue) => name switch
    {
        Catalogue => OfCatalogue(),
        Frontier => OfFrontier(),
        Nightly => OfNight(catalogue),
        _ => null,
    };

    // Every race by every strategy.
    private static PlanFile OfCatalogue() => new()
    {
        Name = Catalogue,
        Find = [new FoundPart { Seeds = 21, Executions = 10_000 }],
    };

    // What is expected is what the classical formula says: a deadlock if and only if tasks * (depth - 1) >= slots.
    private static PlanFile OfFrontier()
    {
        var parts = new List<SearchedPart>();
        for (int depth = 1; depth <= FrontierDepthMax; depth++)
        {
            foreach (int slots in (int[])[1, 2, 4, 8])
            {
                int most = TasksMax(slots, depth);
                int first = depth == 1 ? most + 1 : (slots + depth - 2) / (depth - 1);
                if (first > 1)
                    parts.Add(Nested(1, Math.Min(first - 1, most), slots, depth, Piece.Verified));

                if (first <= most)
                    parts.Add(Nested(first, most, slots, depth, FailureClass.Deadlock.Name()));
            }
        }

        return new PlanFile { Name = Frontier, Verify = [.. parts] };
    }

    // Measured: what is left out has more states than a search takes unless a plan says more.
    private static int TasksMax(int slots, int depth) => (slots, depth) switch
    {
        (8, 2) => 3,
        (8, > 2) => 2,
        _ => FrontierTasksMax,
    };

    private static SearchedPart Nested(int from, int to, int slots, int depth, string expect) => new()
    {
        Targets = ["nested"],
        Parameters = Values($$"""
            {"tasks": {{Range(from, to)}}, "slots": {{slots}}, "depth": {{depth}}}
            """),
        Expect = expect,
    };

    private static string Range(int from, int to) =>
        from == to ? $"{from}" : $$"""{"from": {{from}}, "to": {{to}}}""";

    // The port as it is, over releases, CPUs, preemption and sizes.
    private static PlanFile OfNight(ScenarioCatalogue catalogue)
    {
        string releases = string.Join(", ", KernelRelease.All.Select(release => $"\"{release}\""));
        string[] harmless =
        [
            .. catalogue.Variants.Where(variant => variant.Attribute.IsBenign).Select(variant => variant.Name),
        ];
        return new PlanFile
        {
            Name = Nightly,
            Explore =
            [
                new SampledPart
                {
                    Targets = ["churn", "shared"],
                    Parameters = Values($$"""
                        {"release": [{{releases}}], "tasks": [3, 5], "slots": [1, 2], "cpus": [1, 2, 3]}
                        """),
                    Preempt = [true, false],
                    Strategies = ["random", "pct"],
                    Seeds = Value("1"),
                    Executions = 200_000,
                },
                new SampledPart
                {
                    Targets = ["exhaust", "mixed", "migrate"],
                    Preempt = [true, false],
                    Strategies = ["random", "pos", "pct", "auto"],
                    Seeds = Value("""{"from": 1, "to": 4}"""),
                    Executions = 200_000,
                },
            ],
            Verify =
            [
                new SearchedPart
                {
                    Targets = ["churn", "shared"],
                    Parameters = Values($$"""
                        {"release": [{{releases}}], "tasks": [2, 3], "slots": [1, 2], "pages": [2, 3]}
                        """),
                    Preempt = [true, false],
                },
            ],
            Prove = harmless.Length == 0 ? null :
            [
                new SearchedPart { Targets = ["churn"], Variants = harmless, Parameters = Values("""{"tasks": 3}""") },
            ],
        };
    }

    private static OrderedDictionary<string, JsonElement> Values(string json)
    {
        var values = new OrderedDictionary<string, JsonElement>();
        foreach (JsonProperty value in Value(json).EnumerateObject())
            values.Add(value.Name, value.Value);

        return values;
    }

    private static JsonElement Value(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
