using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab replay --json.</summary>
internal sealed record ReplayResult(
    bool Reproduced,
    string? Class,
    string? Message,
    int Steps,
    int Preemptions,
    DivergenceReport? Divergence,
    bool SameBuild)
{
    /// <summary>What has happened in each step; only with --trace.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TraceStepReport[]? Trace { get; init; }
}

/// <summary>The first step at which a replay could not follow its schedule.</summary>
internal sealed record DivergenceReport(int Step, string? Expected, string[] Enabled, string Reason);
