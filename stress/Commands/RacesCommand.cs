using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Races;
using Kmaplab.Stress.Reports;
using Spectre.Console;

namespace Kmaplab.Stress.Commands;

/// <summary>Lists the races of the catalogue, or tells one of them.</summary>
internal sealed class RacesCommand() : LabCommand("races", "List the races of the catalogue, or tell the story of one")
{
    private readonly Argument<string?> _name = new("NAME") { Description = "The race to tell", Arity = ArgumentArity.ZeroOrOne };

    protected override void AddOptions(Command command) => command.Arguments.Add(_name);

    internal override int Run(Session session, ParseResult arguments)
    {
        if (arguments.GetValue(_name) is { } name)
            return Tell(session, session.Catalogue.Race(name));

        List(session);
        return ExitCode.Clean;
    }

    private static void List(Session session)
    {
        session.WriteJson(new RacesReport([.. session.Catalogue.Races.Select(race => Describe(race, null))]), ReportJson.Default.RacesReport);
        var table = new Table().Border(TableBorder.Simple).AddColumns("race", "class", "what is wrong");
        foreach (RaceEntry race in session.Catalogue.Races)
        {
            table.AddRow(Markup.Escape(race.Name), race.Attribute.Shows.Name(), Markup.Escape(Printable.Of(race.WhatIsWrong)));
        }

        session.Console.Write(table);
        session.Text.WriteLine("To read one: kmaplab races NAME    To find one: kmaplab explore NAME");
    }

    private static int Tell(Session session, RaceEntry race)
    {
        RaceFound? found = RaceSearch.Find(race, session.Seed, session.Cancellation);
        bool isInterrupted = found is null && session.Cancellation.IsCancellationRequested;
        IReadOnlyList<string> interleaving = [isInterrupted ? "(interrupted before it was found)" : "(not found with this seed)"];
        if (found is not null)
        {
            var machine = new Machine(race.Experiment.Boot());
            interleaving = InterleavingTable.Render(ExecutionTrace.Record(machine, found.Failed.Schedule, found.Failed.Finding.Class));
        }

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
        foreach (string line in interleaving)
            session.Text.WriteLine(line);

        return isInterrupted ? ExitCode.NoAnswer : ExitCode.Clean;
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
