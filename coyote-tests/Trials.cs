using System.Reflection;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.CoyoteTests;

/// <summary>
/// All experiments that the tests go through: whatever is registered in the program, or here, is found by itself.
/// </summary>
internal static class Trials
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly, typeof(Trials).Assembly);

    /// <summary>Every scenario with the port as it should be.</summary>
    public static IReadOnlyList<Trial> Correct { get; } = [.. s_catalogue.Scenarios.Select(WithPort)];

    /// <summary>Every harmless change of the port, and the port itself where a variant of it fails.</summary>
    public static IReadOnlyList<Trial> Harmless { get; } =
    [
        .. s_catalogue.Variants.Where(variant => variant.Attribute.IsBenign).Select(WithChange),
        .. s_catalogue.Races.Where(race => race.Experiment.Variant is not null).Select(WithoutVariant),
    ];

    /// <summary>Every race, in the smallest experiment that shows it.</summary>
    public static IReadOnlyList<Trial> Failing { get; } = [.. s_catalogue.Races.Select(WithRace)];

    /// <summary>The names of those that Coyote can express.</summary>
    public static IEnumerable<string> Names(IEnumerable<Trial> trials) =>
        trials.Where(trial => trial.IsExpressible).Select(trial => trial.Name);

    /// <summary>The trial of that name.</summary>
    public static Trial Named(string name) =>
        Correct.Concat(Harmless).Concat(Failing).First(trial => trial.Name == name);

    private static Trial WithPort(ScenarioEntry scenario)
    {
        // A scenario that is a race by itself has too few slots.
        bool isRace = scenario.Definition.GetCustomAttribute<RaceAttribute>() is not null;
        var sizes = new SizeRequest { Slots = isRace ? 2 * scenario.Attribute.Slots : null };
        return new Trial(scenario.Name, s_catalogue.Resolve(scenario.Name, variant: null, sizes));
    }

    private static Trial WithChange(VariantEntry variant)
    {
        var sizes = new SizeRequest { Tasks = 3, Slots = 2, Pages = 2, Rounds = 1 };
        return new Trial(variant.Name, s_catalogue.Resolve("shared", variant.Name, sizes));
    }

    private static Trial WithoutVariant(RaceEntry race) =>
        new($"no {race.Name}", race.Experiment with { Variant = null });

    private static Trial WithRace(RaceEntry race)
    {
        FailureClass[] shows = [race.Attribute.Shows, .. race.Attribute.MayShow];
        return new Trial(race.Name, race.Experiment, shows);
    }
}
