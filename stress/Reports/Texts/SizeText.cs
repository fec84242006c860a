using System.Text.Json.Nodes;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports.Texts;

/// <summary>What scenarios are told, as the options that ask for it.</summary>
internal static class SizeText
{
    /// <summary>The names of the size options that a scenario uses.</summary>
    internal static string[] Options(ScenarioEntry scenario) =>
        [.. scenario.Parameters.Taken.Select(parameter => parameter.Name).Where(IsSize)];

    /// <summary>A scenario's sizes and its own parameters unless given.</summary>
    internal static string Defaults(ScenarioEntry scenario)
    {
        bool IsListed(Parameter parameter) => IsSize(parameter.Name) || !OptionParameters.Has(parameter.Name);
        return string.Join(' ', scenario.Parameters.Taken.Where(IsListed).Select(Default));
    }

    /// <summary>What an experiment was told, so far as it does not go without saying.</summary>
    internal static string Of(Experiment experiment)
    {
        IEnumerable<string> parts = experiment.Scenario.Parameters.Taken
            .Select(parameter => Part(parameter, experiment.Parameters.Text(parameter.Name)))
            .OfType<string>();
        return string.Join(' ', parts) + (experiment.Preempt ? "" : " --preempt off");
    }

    /// <summary>
    /// What a search of every state has proved about numbers of rounds; null if the scenario has none.
    /// </summary>
    internal static string? Claim(Experiment experiment) =>
        !experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds)
            ? null
            : experiment.Size.Rounds switch
            {
                ScenarioSize.AnyRounds =>
                    "for every number of rounds of each task, different ones for different tasks, and for ever",
                ScenarioSize.Forever =>
                    "for tasks that never end; what shows only when some have ended needs --rounds any",
                1 => "for one round of each task, no more",
                var rounds => $"for {rounds} rounds of each task, no more and no fewer",
            };

    /// <summary>All that an experiment was told, for --json.</summary>
    internal static JsonObject Json(Experiment experiment)
    {
        var json = new JsonObject();
        foreach (Parameter parameter in experiment.Scenario.Parameters.Taken)
            json.Add(parameter.Name, Json(parameter, experiment.Parameters.Text(parameter.Name)));

        return json;
    }

    /// <summary>A value for --json: a number where it is one.</summary>
    internal static JsonNode Json(Parameter parameter, string value) => parameter switch
    {
        SwitchParameter => JsonValue.Create(value == SwitchParameter.On),
        NumberParameter number when int.TryParse(number.Show(value), out int shown) => JsonValue.Create(shown),
        _ => JsonValue.Create(parameter.Show(value)),
    };

    private static bool IsSize(string name) => SizeParameters.PartOf(name) != SizeParts.None;

    private static string? Part(Parameter parameter, string value) => parameter.Name switch
    {
        SizeParameters.Cpus when value == "0" => null,
        _ when parameter is ProgramPart => null, // The target says it.
        var name when !OptionParameters.Has(name) => $"--set {name}={Printable.Argument(value)}",
        var name when !IsSize(name) && value == parameter.Default => null,
        var name when parameter is SwitchParameter => $"--{name}",
        var name => $"--{name} {Shown(parameter, value)}",
    };

    private static string Default(Parameter parameter) => parameter.Name switch
    {
        SizeParameters.Pages when parameter.Default == "0" => "--pages (as needed)",
        SizeParameters.Cpus when parameter.Default == "0" => "--cpus (one per task)",
        var name when OptionParameters.Has(name) => $"--{name} {Shown(parameter, parameter.Default)}",
        var name => $"--set {name}={Printable.Argument(parameter.Default)}",
    };

    private static string Shown(Parameter parameter, string value) =>
        parameter is TextParameter ? Printable.Argument(value) : parameter.Show(value);
}
