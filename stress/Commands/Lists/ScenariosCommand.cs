using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Lists;

/// <summary>Lists the scenarios with their defaults, and the variants.</summary>
internal sealed class ScenariosCommand() : LabCommand("scenarios", "List the scenarios and the variants of the port")
{
    internal override int Run(Session session, ParseResult arguments)
    {
        ScenarioCatalogue catalogue = session.Catalogue;
        session.WriteJson(
            new ScenariosReport(
                [.. catalogue.Scenarios.Select(Describe)],
                [.. catalogue.Variants.Select(Describe)],
                [.. catalogue.Detectors.Select(Describe)]),
            ReportJson.Default.ScenariosReport);

        var scenarios = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("scenario", "what it does", "sizes unless given");
        foreach (ScenarioEntry scenario in catalogue.Scenarios)
            AddRow(scenarios, scenario.Name, Printable.Of(scenario.Attribute.Summary), SizeText.Defaults(scenario));

        var variants = new Table().Border(TableBorder.Simple).AddColumns("--variant", "what is changed", "harmless");
        foreach (VariantEntry variant in catalogue.Variants)
            variants.AddRow(
                Markup.Escape(variant.Name),
                Markup.Escape(Printable.Of(variant.Attribute.Summary)),
                variant.Attribute.IsBenign ? "yes" : "");

        session.Console.Write(scenarios);
        WriteOwnParameters(session);
        session.Console.Write(variants);
        if (catalogue.Detectors.Count == 0)
            return ExitCode.Clean;

        var detectors = new Table().Border(TableBorder.Simple).AddColumns("detector of a module", "what it finds");
        foreach (DetectorEntry detector in catalogue.Detectors)
            detectors.AddRow(Markup.Escape(detector.Name), Markup.Escape(Printable.Of(detector.Attribute.Summary)));

        session.Console.Write(detectors);
        return ExitCode.Clean;
    }

    // The options that many scenarios have are in the help text.
    private static void WriteOwnParameters(Session session)
    {
        var parameters = new Table().Border(TableBorder.Simple).AddColumns("scenario", "--set", "what it is");
        foreach (ScenarioEntry scenario in session.Catalogue.Scenarios)
        {
            foreach (Parameter own in scenario.Parameters.Taken.Where(taken => !OptionParameters.Has(taken.Name)))
                AddRow(parameters, scenario.Name, own.Name, Printable.Of($"{own.Summary}: {own.Range}"));
        }

        if (parameters.Rows.Count > 0)
            session.Console.Write(parameters);
    }

    private static void AddRow(Table table, params string[] cells) =>
        table.AddRow([.. cells.Select(cell => Markup.Escape(cell))]);

    private static ScenarioReport Describe(ScenarioEntry entry)
    {
        ScenarioAttribute scenario = entry.Attribute;
        return new ScenarioReport(
            scenario.Name, scenario.Summary, SizeText.Options(entry),
            scenario.Tasks, scenario.Slots, scenario.Pages, scenario.Cpus, scenario.Rounds, scenario.Depth,
            [.. entry.Parameters.Taken.Select(Describe)]);
    }

    private static ParameterReport Describe(Parameter parameter) => new(
        parameter.Name, parameter.Summary, SizeText.Json(parameter, parameter.Default), parameter.Range);

    private static DetectorReport Describe(DetectorEntry entry) => new(entry.Name, entry.Attribute.Summary);

    private static VariantReport Describe(VariantEntry entry) =>
        new(entry.Name, entry.Attribute.Summary, entry.Attribute.IsBenign);
}
