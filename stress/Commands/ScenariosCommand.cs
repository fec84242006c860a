using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Reports;
using Spectre.Console;

namespace Kmaplab.Stress.Commands;

/// <summary>Lists the scenarios with their defaults, and the variants.</summary>
internal sealed class ScenariosCommand() : LabCommand("scenarios", "List the scenarios and the variants of the port")
{
    internal override int Run(Session session, ParseResult arguments)
    {
        ScenarioCatalogue catalogue = session.Catalogue;
        session.WriteJson(
            new ScenariosReport([.. catalogue.Scenarios.Select(Describe)], [.. catalogue.Variants.Select(Describe)], [.. catalogue.Detectors.Select(Describe)]),
            ReportJson.Default.ScenariosReport);

        var scenarios = new Table().Border(TableBorder.Simple).AddColumns("scenario", "what it does", "sizes unless given");
        foreach (ScenarioEntry scenario in catalogue.Scenarios)
            scenarios.AddRow(Markup.Escape(scenario.Name), Markup.Escape(Printable.Of(scenario.Attribute.Summary)), Markup.Escape(SizeText.Defaults(scenario.Attribute)));

        var variants = new Table().Border(TableBorder.Simple).AddColumns("--variant", "what is changed", "harmless");
        foreach (VariantEntry variant in catalogue.Variants)
            variants.AddRow(Markup.Escape(variant.Name), Markup.Escape(Printable.Of(variant.Attribute.Summary)), variant.Attribute.IsBenign ? "yes" : "");

        session.Console.Write(scenarios);
        session.Console.Write(variants);
        if (catalogue.Detectors.Count == 0)
            return ExitCode.Clean;

        var detectors = new Table().Border(TableBorder.Simple).AddColumns("detector of a module", "what it finds");
        foreach (DetectorEntry detector in catalogue.Detectors)
            detectors.AddRow(Markup.Escape(detector.Name), Markup.Escape(Printable.Of(detector.Attribute.Summary)));

        session.Console.Write(detectors);
        return ExitCode.Clean;
    }

    private static ScenarioReport Describe(ScenarioEntry entry)
    {
        ScenarioAttribute scenario = entry.Attribute;
        return new ScenarioReport(
            scenario.Name, scenario.Summary, SizeText.Options(scenario.Uses), scenario.Tasks, scenario.Slots, scenario.Pages, scenario.Cpus, scenario.Rounds, scenario.Depth);
    }

    private static DetectorReport Describe(DetectorEntry entry) => new(entry.Name, entry.Attribute.Summary);

    private static VariantReport Describe(VariantEntry entry) => new(entry.Name, entry.Attribute.Summary, entry.Attribute.IsBenign);
}
