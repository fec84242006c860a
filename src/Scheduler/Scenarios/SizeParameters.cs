using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>
/// The parameters that any scenario may have by saying so in <see cref="ScenarioAttribute.Uses"/>, and that every
/// <see cref="ScenarioSize"/> has.
/// </summary>
/// <remarks>
/// A class that scenarios derive from may declare one of these again, with a range and a text that fit what it is about
/// (<see cref="IDeclaresParameters"/>).
/// </remarks>
public static class SizeParameters
{
    /// <summary>Number of tasks.</summary>
    public const string Tasks = "tasks";

    /// <summary>Number of slots.</summary>
    public const string Slots = "slots";

    /// <summary>Number of pages.</summary>
    public const string Pages = "pages";

    /// <summary>Number of rounds.</summary>
    public const string Rounds = "rounds";

    /// <summary>How deep things nest.</summary>
    public const string Depth = "depth";

    /// <summary>Number of CPUs.</summary>
    public const string Cpus = "cpus";

    /// <summary>What each task does.</summary>
    public const string Script = "script";

    private const int SlotsMax = 1024;
    private const int PagesMax = 65_536;
    private const int RoundsMax = 1_000_000;
    private const int DepthMax = 64;

    /// <summary>All of them, in the order in which they are listed and kept.</summary>
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new NumberParameter(Tasks, "Number of tasks") { Usual = 2, Min = 1, Max = Transition.MaxContexts },
        new NumberParameter(Slots, "Number of slots") { Usual = 2, Min = 1, Max = SlotsMax },
        new NumberParameter(Pages, "Number of pages") { Min = 1, Max = PagesMax },
        new NumberParameter(
            Rounds,
            "How often each task repeats its work, forever, or any: each round may be the last (the default of proofs)")
        {
            Usual = 1,
            Min = 0,
            Max = RoundsMax,
            Words =
            [
                new ParameterWord("forever", ScenarioSize.Forever),
                new ParameterWord("any", ScenarioSize.AnyRounds),
            ],
        },
        new NumberParameter(Depth, "How many things a task holds at once") { Usual = 1, Min = 1, Max = DepthMax },
        new NumberParameter(Cpus, "Number of CPUs; one per task unless given")
        {
            Min = 1,
            Max = Transition.MaxContexts,
        },
        new TextParameter(Script, "What each task does"),
    ];

    /// <summary>The part of the size that a parameter is; none if it is no size.</summary>
    public static SizeParts PartOf(string name) => name switch
    {
        Tasks => SizeParts.Tasks,
        Slots => SizeParts.Slots,
        Pages => SizeParts.Pages,
        Rounds => SizeParts.Rounds,
        Depth => SizeParts.Depth,
        Cpus => SizeParts.Cpus,
        Script => SizeParts.Script,
        _ => SizeParts.None,
    };

    /// <summary>A size as a scenario has it, with the range and the usual value that it says.</summary>
    /// <param name="scenario">What the scenario says.</param>
    /// <param name="size">The size as it is for all.</param>
    /// <param name="isUsed">Whether it uses it; one that it ignores may be anything that is possible somewhere.</param>
    internal static Parameter Of(ScenarioAttribute scenario, Parameter size, bool isUsed) => (size.Name, size) switch
    {
        (Tasks, NumberParameter tasks) => tasks with { Usual = scenario.Tasks, Min = scenario.TasksMin },
        (Slots, NumberParameter slots) => slots with { Usual = scenario.Slots },
        (Pages, NumberParameter pages) => pages with { Usual = scenario.Pages },
        (Rounds, NumberParameter rounds) => rounds with
        {
            Usual = scenario.Rounds,
            Words = scenario.AnyRounds || !isUsed ? rounds.Words : [.. rounds.Words.Select(WithoutAny)],
        },
        (Depth, NumberParameter depth) => depth with { Usual = scenario.Depth },
        (Cpus, NumberParameter cpus) => cpus with { Usual = scenario.Cpus },
        (Script, TextParameter script) => script with { Usual = scenario.Script },
        _ => throw new ArgumentException($"{size.Name} is no size, or of another kind than sizes are", nameof(size)),
    };

    private static ParameterWord WithoutAny(ParameterWord word) => word.Value == ScenarioSize.AnyRounds
        ? word with { WhyNot = "with AnyRounds = true it may, if its tasks await RoundsLeft.Next(kernel)" }
        : word;
}
