using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Reports.Documents.Findings;

/// <summary>A failure that was found.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Execution">The execution that showed it, from 1; 0 for a search of all states.</param>
/// <param name="Steps">Steps up to it.</param>
/// <param name="Preemptions">Preemptions among them.</param>
/// <param name="Schedule">The schedule file; null if it could not be saved.</param>
/// <param name="NotSaved">Why it could not be; null if it was.</param>
/// <param name="Token">The schedule as one word.</param>
internal sealed record FailureReport(
    string Class,
    string Message,
    long Execution,
    int Steps,
    int Preemptions,
    string? Schedule,
    string? NotSaved,
    string Token)
{
    /// <summary>
    /// There is no schedule with fewer steps. Not said of what a search found that goes depth first, or fuses.
    /// </summary>
    [JsonIgnore]
    public bool IsShortest { get; init; }

    /// <summary>The same failure in its smallest form; null if that was not looked for, or there is none.</summary>
    public MinimizeReport? Minimal { get; init; }

    /// <summary>Why there is none; null if there is, or it was not looked for.</summary>
    public string? NotMinimized { get; init; }

    /// <summary>The page that tells it, in its smallest form if there is one; null if there is no page.</summary>
    public string? Report { get; init; }

    /// <summary>Why there is none; null if there is, or it was not wanted.</summary>
    public string? NotReported { get; init; }

    /// <summary>The smallest form, for people.</summary>
    [JsonIgnore]
    public MinimalForm? Form { get; init; }

    /// <summary>The page, for people; null if it was not wanted.</summary>
    [JsonIgnore]
    public SavedSchedule? Page => Report is null && NotReported is null ? null : new SavedSchedule(Report, NotReported);

    /// <summary>How often the strategy shows it; null if that was not counted.</summary>
    [JsonIgnore]
    public FailureRate? Rate { get; init; }

    /// <summary>Which strategy that is; null for the one that has found it.</summary>
    [JsonIgnore]
    public string? RateOf { get; init; }
}
