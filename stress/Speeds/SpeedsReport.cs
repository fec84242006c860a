using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Speeds;

/// <summary>kmaplab speeds --json.</summary>
internal sealed record SpeedsReport(SpeedReport[] Speeds)
{
    internal static SpeedsReport Of(IEnumerable<SpeedRow> rows) => new(
        [
            .. rows.Select(row => new SpeedReport(
                row.Search.Name,
                row.Search.Unit,
                [.. row.Cells.Select(cell => new ContestantReport(cell.Name, cell.Median, cell.Runs))],
                row.Ratio)),
        ]);
}

/// <summary>One search; how many times as fast this build is as the other one.</summary>
internal sealed record SpeedReport(string Search, SpeedUnit Unit, ContestantReport[] Builds, double? Ratio);

/// <summary>What was measured of one contestant: each run, and their median, in the unit of the search.</summary>
internal sealed record ContestantReport(string Name, double? Median, double[] Runs);

/// <summary>The serializers of the report, generated at build.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SpeedsReport))]
internal sealed partial class SpeedsJson : JsonSerializerContext;
