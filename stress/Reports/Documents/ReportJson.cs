using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Stress.Reports.Documents.Findings;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>What the commands write with --json; the serializers are generated at build.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = false)]
[JsonSerializable(typeof(ScenariosReport))]
[JsonSerializable(typeof(RacesReport))]
[JsonSerializable(typeof(MatrixReport))]
[JsonSerializable(typeof(ExploreReport))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(MinimizeReport))]
[JsonSerializable(typeof(ExplainReport))]
[JsonSerializable(typeof(TourReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(FrontierReport))]
[JsonSerializable(typeof(StarvationReport))]
[JsonSerializable(typeof(OracleReport))]
[JsonSerializable(typeof(RecordReport))]
[JsonSerializable(typeof(SelfcheckReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(CampaignPlanReport))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ReportJson : JsonSerializerContext;
