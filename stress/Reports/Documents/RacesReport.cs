using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab races --json.</summary>
internal sealed record RacesReport(RaceReport[] Races);

/// <summary>kmaplab races --matrix --json.</summary>
internal sealed record MatrixReport(KillCell[] Matrix, int ExecutionsMax, string Csv, string Picture, bool Interrupted);

/// <summary>A race of the catalogue.</summary>
internal sealed record RaceReport(
    string Name,
    string Class,
    string Reference,
    int Tasks,
    int Slots,
    int Pages,
    int Cpus,
    string Scenario,
    string? Variant,
    string Script,
    string Story,
    string Fix,
    string Command,
    JsonObject Parameters)
{
    /// <summary>The steps of a failing execution; only where one race was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Interleaving { get; init; }
}
