using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Reports.Documents.Findings;
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
    /// <summary>Wake-ups in vain for each call of wake_up(): kmap calls it for each slot that comes free.</summary>
    public double VainPerCall { get; init; }

    /// <summary>What --record has kept; null without it.</summary>
    public RecordedReport? Recorded { get; init; }

    internal static SoakReport Of(
        string target, SoakOptions options, SoakResult result, bool isInterrupted, SavedSchedule? recording,
        FailureReport? simulated, JsonObject parameters)
    {
        ThreadTotals totals = result.Totals;
        return new SoakReport(
            target, totals.Operations.Count, Environment.ProcessorCount, options.IsBare,
            options.RealMemory ? "real" : "words", result.MappingCalls, options.HasJitter ? options.Seed : null,
            result.Runs, result.Seconds,
            totals.AllOperations, totals.AllOperations / result.Seconds, totals.Fairness, totals.Sleeps, totals.Wakeups,
            totals.VainWakeups, totals.WakeCalls, totals.Sweeps, totals.Flushes, result.ThreadsLeft, isInterrupted,
            result.Latency, SoakFailure.Of(result, simulated), recording?.Path, parameters)
        {
            VainPerCall = totals.VainPerCall,
            Recorded = result.Kept is { } kept
                ? new RecordedReport(kept.Runs, kept.Steps, kept.Waited.TotalSeconds, kept.Problem)
                : null,
        };
    }
}

/// <summary>The runs that --record has kept, and how long running has waited for writing.</summary>
internal sealed record RecordedReport(int Runs, long Steps, double WaitedSeconds, string? Problem);

/// <summary>A failure on threads; it has a schedule if the simulated machine does the same.</summary>
internal sealed record SoakFailure(
    string Class, string Message, int Execution, int? Steps, int? Preemptions, string? Schedule, string? Token)
{
    /// <summary>Its smallest form; null if there is none.</summary>
    public MinimizeReport? Minimal { get; init; }

    /// <summary>Why there is none; null if there is, or nobody asked.</summary>
    public string? NotMinimized { get; init; }

    /// <summary>The page that tells it; null if there is none.</summary>
    public string? Report { get; init; }

    /// <summary>Why there is none; null if there is, or it was not wanted.</summary>
    public string? NotReported { get; init; }

    internal static SoakFailure? Of(SoakResult result, FailureReport? simulated) => result.Finding is { } finding
        ? new SoakFailure(
            finding.Class.Name(), finding.Message, result.Runs, simulated?.Steps, simulated?.Preemptions,
            simulated?.Schedule, simulated?.Token)
        {
            Minimal = simulated?.Minimal,
            NotMinimized = simulated?.NotMinimized,
            Report = simulated?.Report,
            NotReported = simulated?.NotReported,
        }
        : null;
}

/// <summary>The serializers of a soak's report, generated at build.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SoakReport))]
internal sealed partial class SoakJson : JsonSerializerContext;
