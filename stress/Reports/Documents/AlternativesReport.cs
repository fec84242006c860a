using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab alternatives --json.</summary>
internal sealed record AlternativesReport(AlternativeReport[] Alternatives)
{
    internal static AlternativesReport Of(IEnumerable<Alternative> alternatives) =>
        new([.. alternatives.Select(Describe)]);

    private static AlternativeReport Describe(Alternative alternative) => new(
        alternative.Variant,
        [
            .. alternative.Proofs.Select(proof =>
                new ProofReport(proof.Target, AlternativesText.Of(proof), proof.States, proof.Failure?.Name())),
        ],
        alternative.Soak.Totals.AllOperations / alternative.Soak.Seconds,
        alternative.Soak.Totals.Sleeps,
        alternative.Soak.Totals.Wakeups,
        alternative.Soak.Totals.VainWakeups,
        alternative.Soak.Totals.Fairness,
        alternative.Soak.Latency,
        alternative.Soak.Finding?.Class.Name());
}

/// <summary>One of them; latencies are microseconds.</summary>
internal sealed record AlternativeReport(
    string? Variant,
    ProofReport[] Proofs,
    double OpsPerSecond,
    long Sleeps,
    long Wakeups,
    long VainWakeups,
    double Fairness,
    WakeupLatency? Latency,
    string? Failure);

/// <summary>What exhaustive search says of it in one scenario.</summary>
internal sealed record ProofReport(string Target, string Verdict, long States, string? Class);

/// <summary>The serializers of the report, generated at build.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AlternativesReport))]
internal sealed partial class AlternativesJson : JsonSerializerContext;
