using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Reports.Documents.Findings;

/// <summary>kmaplab minimize --json, and the smallest form of what explore and verify have found.</summary>
/// <param name="Target">The experiment.</param>
/// <param name="Class">The class of failure.</param>
/// <param name="Before">The schedule that was given.</param>
/// <param name="After">The smallest one that was found.</param>
/// <param name="MinimalProved">There is none with fewer preemptions, or with as many and fewer steps.</param>
/// <param name="PreemptionsAtLeast">No schedule with fewer shows the failure.</param>
/// <param name="States">States that the exact search has visited.</param>
/// <param name="CriticalPair">The two steps whose order makes the failure; null if no two do.</param>
/// <param name="NoReturn">How sure the failure is after each step; null for an endless run.</param>
/// <param name="Parameters">The sizes of the smallest schedule.</param>
/// <param name="Schedule">Its file; null if it could not be saved.</param>
/// <param name="NotSaved">Why it could not be; null if it was.</param>
/// <param name="Token">It as one word.</param>
internal sealed record MinimizeReport(
    string Target,
    string Class,
    MinimizedSize Before,
    MinimizedSize After,
    bool MinimalProved,
    int PreemptionsAtLeast,
    int States,
    CriticalPair? CriticalPair,
    NoReturnReport? NoReturn,
    JsonObject Parameters,
    string? Schedule,
    string? NotSaved,
    string Token)
{
    /// <summary>Steps at the end of the smallest one that are gone round for ever; 0 for a run that ends.</summary>
    public int Loop { get; init; }

    /// <summary>How long that took; not where it is a part of another report.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Seconds { get; init; }

    /// <summary>The page that tells it; not where it is a part of another report, which has it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    internal static MinimizeReport Of(
        string target, FailureClass failure, MinimalForm form, SavedSchedule saved, string token)
    {
        MinimizationReport report = form.Report;
        return new(
            target,
            failure.Name(),
            Size(report.Given),
            Size(report.Smallest),
            report.IsProved,
            report.PreemptionsAtLeast,
            report.States,
            report.Pair,
            report.NoReturn is { } sure
                ? new NoReturnReport(sure.Step, sure.Jump, sure.Continuations, sure.Failing)
                : null,
            SizeText.Json(form.Experiment),
            saved.Path,
            saved.Problem,
            token)
        {
            Loop = report.Loop,
        };
    }

    private static MinimizedSize Size(Failing failing) => new(failing.Steps, failing.Preemptions);
}

/// <summary>How big a schedule is.</summary>
internal sealed record MinimizedSize(int Steps, int Preemptions);

/// <summary>How sure a failure is after each step.</summary>
/// <param name="Step">From this step on every continuation that was drawn fails.</param>
/// <param name="Jump">The step by which the share that fails grows most.</param>
/// <param name="Continuations">How many were drawn from each step.</param>
/// <param name="Failing">How many of them fail: from the start first, then after each step.</param>
internal sealed record NoReturnReport(int Step, int Jump, int Continuations, int[] Failing);
