using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Lists;

/// <summary>One race: its story, how to find it, and an execution that shows it.</summary>
internal static class RaceTale
{
    internal static int Tell(Session session, RaceEntry race)
    {
        RaceFound? found = null;
        bool isInterrupted = false;
        try
        {
            found = RaceSearch.Find(race, session.Seed, session.Jobs, session.Cancellation);
        }
        catch (OperationCanceledException)
        {
            isInterrupted = true;
        }

        IReadOnlyList<string> interleaving =
        [
            isInterrupted ? "(interrupted before it was found)" : "(not found with this seed)",
        ];
        if (found is not null)
            interleaving = Interleaving(race, found);

        RaceReport report = Describe(race, [.. interleaving]);
        session.WriteJson(new RacesReport([report]), ReportJson.Default.RacesReport);
        session.Text.WriteLine($"{report.Name}: {report.Class}");
        FilledText.Write(session.Text, "  ", report.Story);
        WriteIfAny(session.Text, "Fix:       ", report.Fix);
        WriteIfAny(session.Text, "Reference: ", report.Reference);
        string variant = report.Variant is null ? "" : $" --variant {report.Variant}";
        FilledText.Write(session.Text, "Scenario:  ", $"{report.Scenario}{variant} {SizeText.Of(race.Experiment)}");
        session.Text.WriteLine($"To find:   {report.Command}{session.ModuleOptions}");
        session.Text.WriteLine();
        if (found?.Minimal is { } form)
        {
            string sizes = form.IsSmaller ? $", with {SizeText.Of(form.Experiment)}" : "";
            FilledText.Write(session.Text, "", $"{MinimizationText.Size(form.Report)}{sizes}");
        }

        foreach (string line in interleaving)
            session.Text.WriteLine(line);

        return isInterrupted ? ExitCode.NoAnswer : ExitCode.Clean;
    }

    private static IReadOnlyList<string> Interleaving(RaceEntry race, RaceFound found)
    {
        var machine = new Machine((found.Minimal?.Experiment ?? race.Experiment).Unoptimized().Boot());
        return InterleavingTable.Render(ExecutionTrace.Record(
            machine,
            found.Minimal?.Report.Smallest.Schedule ?? found.Failed.Schedule,
            found.Failed.Finding.Class,
            found.Minimal?.Report.Loop ?? found.Failed.Loop));
    }

    // A module's race need not say everything.
    private static void WriteIfAny(TextWriter text, string label, string words)
    {
        if (!string.IsNullOrWhiteSpace(words))
            FilledText.Write(text, label, words);
    }

    internal static RaceReport Describe(RaceEntry race, string[]? interleaving)
    {
        ScenarioSize size = race.Experiment.Size;
        return new RaceReport(
            race.Name,
            race.Attribute.Shows.Name(),
            race.Attribute.Reference,
            size.Tasks,
            size.Slots,
            size.Pages,
            size.Cpus == 0 ? size.Tasks : size.Cpus,
            race.Experiment.Scenario.Name,
            race.Experiment.Variant?.Name,
            size.Script,
            string.Join(' ', race.Attribute.Story.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            race.Attribute.Fix,
            $"kmaplab explore {race.Name}",
            SizeText.Json(race.Experiment))
        {
            Interleaving = interleaving,
        };
    }
}
