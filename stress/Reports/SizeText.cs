using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Reports;

/// <summary>Sizes as the options that ask for them.</summary>
internal static class SizeText
{
    /// <summary>The names of the options that a scenario uses.</summary>
    internal static string[] Options(SizeParts uses) =>
        [.. Enum.GetValues<SizeParts>().Where(part => part != SizeParts.None && uses.HasFlag(part)).Select(part => part.ToString().ToLowerInvariant())];

    /// <summary>A scenario's sizes unless given.</summary>
    internal static string Defaults(ScenarioAttribute scenario) =>
        string.Join(' ', Options(scenario.Uses).Select(option => $"--{option} {Default(scenario, option)}"));

    /// <summary>The sizes of an experiment that its scenario uses.</summary>
    internal static string Of(Experiment experiment)
    {
        ScenarioSize size = experiment.Size;
        IEnumerable<string> parts = Options(experiment.Scenario.Attribute.Uses)
            .Where(option => option != "cpus" || size.Cpus != 0)
            .Select(option => $"--{option} {Value(size, option)}");
        return string.Join(' ', parts) + (size.DebugHighmem ? " --debug-highmem" : "") + (experiment.Preempt ? "" : " --preempt off");
    }

    /// <summary>
    /// What a search of every state has proved about numbers of rounds; null if the scenario has none.
    /// </summary>
    internal static string? Claim(Experiment experiment) => !experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds) ? null : experiment.Size.Rounds switch
    {
        ScenarioSize.AnyRounds => "for every number of rounds of each task, different ones for different tasks, and for ever",
        ScenarioSize.Forever => "for tasks that never end; what shows only when some have ended needs --rounds any",
        1 => "for one round of each task, no more",
        var rounds => $"for {rounds} rounds of each task, no more and no fewer",
    };

    private static string Rounds(int rounds) => rounds switch
    {
        ScenarioSize.Forever => "forever",
        ScenarioSize.AnyRounds => "any",
        _ => $"{rounds}",
    };

    private static string Value(ScenarioSize size, string option) => option switch
    {
        "tasks" => $"{size.Tasks}",
        "slots" => $"{size.Slots}",
        "pages" => $"{size.Pages}",
        "cpus" => $"{size.Cpus}",
        "rounds" => Rounds(size.Rounds),
        "depth" => $"{size.Depth}",
        _ => Printable.Argument(size.Script),
    };

    private static string Default(ScenarioAttribute scenario, string option) => option switch
    {
        "tasks" => $"{scenario.Tasks}",
        "slots" => $"{scenario.Slots}",
        "pages" => scenario.Pages == 0 ? "(as needed)" : $"{scenario.Pages}",
        "cpus" => scenario.Cpus == 0 ? "(one per task)" : $"{scenario.Cpus}",
        "rounds" => Rounds(scenario.Rounds),
        "depth" => $"{scenario.Depth}",
        _ => Printable.Argument(scenario.Script),
    };
}
