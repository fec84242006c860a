using System.Text.Json.Nodes;

namespace Kmaplab.Stress.Reports.Documents.Findings;

/// <summary>kmaplab verify --json.</summary>
internal sealed record VerifyReport(
    string Target,
    string Sizes,
    string Verdict,
    long States,
    long Transitions,
    long Deadlocks,
    int MaxDepth,
    double Seconds,
    double TransitionsPerSecond,
    double? BytesPerState,
    long SpilledBytes,
    double OmissionProbability,
    bool Fusion,
    bool Symmetry,
    string? Reason,
    string? Checkpoint,
    LivenessResult? Liveness,
    FailureReport? Failure,
    JsonObject Parameters);

/// <summary>What can be said about progress.</summary>
/// <param name="Checked">Whether it was proved that every task can always finish.</param>
/// <param name="Summary">The answer in words.</param>
/// <param name="StarvingTask">A task that a fair run can starve; null if there is none.</param>
/// <param name="Stem">Steps to the endless loop.</param>
/// <param name="Loop">Steps once round it.</param>
/// <param name="Schedule">The schedule file of the endless run; null if there is none, or it could not be
/// saved.</param>
/// <param name="NotSaved">Why it could not be saved; null if it was, or there is none.</param>
internal sealed record LivenessResult(
    bool Checked,
    string Summary,
    int? StarvingTask,
    int Stem,
    int Loop,
    string? Schedule,
    string? NotSaved);
