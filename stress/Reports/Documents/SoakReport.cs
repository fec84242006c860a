using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab soak --json. Latencies are microseconds.</summary>
internal sealed record SoakReport(
    string Target,
    int Threads,
    int Processors,
    bool Bare,
    string Memory,
    long MappingCalls,
    ulong? Jitter,
    int Executions,
    double Seconds,
    long Operations,
    double OpsPerSecond,
    double Fairness,
    long Sleeps,
    long Wakeups,
    long VainWakeups,
    long WakeCalls,
    long Sweeps,
    long TlbFlushes,
    int ThreadsLeft,
    bool Interrupted,
    WakeupLatency? Latency,
    SoakFailure? Failure,
    string? Recording,
    JsonObject Parameters)
{
    internal static SoakReport Of(
        string target, SoakOptions options, SoakResult result, bool isInterrupted, SavedSchedule? recording,
        JsonObject parameters)
    {
        ThreadTotals totals = result.Totals;
        return new SoakReport(
            target, totals.Operations.Count, Environment.ProcessorCount, options.IsBare,
            options.RealMemory ? "real" : "words", result.MappingCalls, options.HasJitter ? options.Seed : null,
            result.Runs, result.Seconds,
            totals.AllOperations, totals.AllOperations / result.Seconds, totals.Fairness, totals.Sleeps, totals.Wakeups,
            totals.VainWakeups, totals.WakeCalls, totals.Sweeps, totals.Flushes, result.ThreadsLeft, isInterrupted,
            result.Latency, SoakFailure.Of(result), recording?.Path, parameters);
    }
}

/// <summary>A failure on threads, of which there is no schedule.</summary>
internal sealed record SoakFailure(
    string Class, string Message, int Execution, int? Steps, int? Preemptions, string? Schedule, string? Token)
{
    internal static SoakFailure? Of(SoakResult result) => result.Finding is { } finding
        ? new SoakFailure(finding.Class.Name(), finding.Message, result.Runs, null, null, null, null)
        : null;
}

/// <summary>The serializers of a soak's report, generated at build.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SoakReport))]
internal sealed partial class SoakJson : JsonSerializerContext;
