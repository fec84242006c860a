using System.Text.Json.Nodes;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab scenarios --json.</summary>
internal sealed record ScenariosReport(
    ScenarioReport[] Scenarios,
    VariantReport[] Variants,
    DetectorReport[] Detectors);

/// <summary>
/// A scenario and its sizes unless given; 0 pages are as many as needed, 0 cpus one per task, 0 rounds for ever.
/// </summary>
internal sealed record ScenarioReport(
    string Name,
    string Summary,
    string[] Uses,
    int Tasks,
    int Slots,
    int Pages,
    int Cpus,
    int Rounds,
    int Depth,
    ParameterReport[] Parameters);

/// <summary>A parameter that a scenario takes: a size, or one of its own.</summary>
internal sealed record ParameterReport(string Name, string Summary, JsonNode Default, string Range);

/// <summary>A variant of the port.</summary>
internal sealed record VariantReport(string Name, string Summary, bool Benign);

/// <summary>A detector that a module brings.</summary>
internal sealed record DetectorReport(string Name, string Summary);
