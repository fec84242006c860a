using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>The catalogue of races as a page of text for people who have not built the program.</summary>
internal static class RacesMarkdown
{
    internal static void Write(TextWriter text, IReadOnlyList<RaceEntry> races)
    {
        text.WriteLine("# The races of the catalogue");
        text.WriteLine();
        text.WriteLine(
            "This page is what `kmaplab races --format markdown` prints. Each race is a small change to the port, or a "
            + "wrong caller of it.");
        text.WriteLine(
            "`kmaplab races NAME` shows the smallest interleaving of one, step by step; with "
            + "`kmaplab play NAME` one finds it by hand.");
        text.WriteLine();
        text.WriteLine("| race | class | what is wrong |");
        text.WriteLine("|---|---|---|");
        foreach (RaceEntry race in races)
        {
            string name = race.Name;
            text.WriteLine($"| [{name}](#{name}) | {race.Attribute.Shows.Name()} | {Cell(race.WhatIsWrong)} |");
        }

        foreach (RaceEntry race in races)
            WriteRace(text, race);
    }

    private static void WriteRace(TextWriter text, RaceEntry race)
    {
        text.WriteLine();
        text.WriteLine($"## {race.Name}");
        text.WriteLine();
        text.WriteLine($"{Filled(race.WhatIsWrong)}: **{race.Attribute.Shows.Name()}**.");
        WriteIfAny(text, "", race.Attribute.Story);
        WriteIfAny(text, "Instead: ", race.Attribute.Fix);
        WriteIfAny(text, "Reference: ", race.Attribute.Reference);
        string variant = race.Experiment.Variant is { } found ? $" --variant {found.Name}" : "";
        string target = $"{race.Experiment.Scenario.Name}{variant} {SizeText.Of(race.Experiment)}".TrimEnd();
        text.WriteLine();
        text.WriteLine("```text");
        text.WriteLine($"kmaplab explore {race.Name}");
        text.WriteLine($"kmaplab explore {target}");
        text.WriteLine("```");
    }

    private static void WriteIfAny(TextWriter text, string label, string words)
    {
        if (string.IsNullOrWhiteSpace(words))
            return;

        text.WriteLine();
        text.WriteLine($"{label}{Filled(words)}");
    }

    private static string Filled(string words) =>
        string.Join(' ', words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Replace("<", "\\<", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal);

    private static string Cell(string words) => Filled(words).Replace("|", "\\|", StringComparison.Ordinal);
}
