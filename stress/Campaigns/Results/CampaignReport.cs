using System.Text.Json;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents.Findings;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>What a campaign has shown: the same bytes for the same plan, whoever has run what, except times.</summary>
/// <param name="Plan">Of which plan.</param>
/// <param name="Verdict">One of the three below.</param>
/// <param name="Complete">All pieces are there.</param>
/// <param name="Pieces">How many there are.</param>
/// <param name="Done">How many have a report.</param>
/// <param name="Missing">Those that have none, and were not tried.</param>
/// <param name="SetAside">Those that were tried, and failed.</param>
/// <param name="Seconds">What all that were done took, one after the other.</param>
/// <param name="Targets">What was sampled.</param>
/// <param name="Cells">What was searched.</param>
/// <param name="Matrix">Races that were to be found.</param>
/// <param name="Untested">Strategies that have found nothing, and do not find a race that is there either.</param>
/// <param name="Corpus">The failures.</param>
internal sealed record CampaignReport(
    CampaignHead Plan,
    string Verdict,
    bool Complete,
    int Pieces,
    int Done,
    PieceName[] Missing,
    PieceName[] SetAside,
    double Seconds,
    TargetRow[] Targets,
    CellRow[] Cells,
    KillCell[] Matrix,
    string[] Untested,
    CorpusEntry[] Corpus)
{
    internal const string FormatName = "kmaplab campaign 1";

    /// <summary>Everything is there, and as expected.</summary>
    internal const string Clean = "clean";

    /// <summary>There are failures that nobody has expected, or not those that were.</summary>
    internal const string Failures = "failures";

    /// <summary>None, as far as can be said: something is missing, or has no answer.</summary>
    internal const string NoAnswer = "no-answer";

    /// <summary>What the file is.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; } = FormatName;

    /// <summary>The report as a file has it.</summary>
    internal string Text => JsonSerializer.Serialize(this, CampaignJson.Default.CampaignReport) + "\n";
}

/// <summary>Which campaign it is.</summary>
/// <param name="Name">What people call the plan.</param>
/// <param name="Fingerprint">Of its pieces.</param>
/// <param name="Program">The build of the program.</param>
internal sealed record CampaignHead(string Name, string Fingerprint, string Program);

/// <summary>A piece, by its number from 1.</summary>
internal sealed record PieceName(int Number, string Name)
{
    /// <summary>Why it has no report; null if nobody has tried.</summary>
    public string? Error { get; init; }
}

/// <summary>A target that was sampled, by one strategy from one seed.</summary>
/// <param name="Name">The target, with its sizes.</param>
/// <param name="Strategy">Who chose.</param>
/// <param name="Seed">From which seed.</param>
/// <param name="Experiment">What was booted, as a token.</param>
/// <param name="AskedSeconds">For how long it was to be run; null if for a number of executions.</param>
/// <param name="Shards">How many shards it has.</param>
/// <param name="Done">How many of them are there.</param>
/// <param name="Executions">Executions in those.</param>
/// <param name="Steps">Their steps.</param>
/// <param name="CutOff">Those that reached the step limit.</param>
/// <param name="StepsMax">The most steps of one.</param>
/// <param name="Failures">Those that failed.</param>
/// <param name="Compared">Those that were compared, of all shards.</param>
/// <param name="Distinct">The classes that they are of.</param>
/// <param name="Curve">How many classes there were after how many of them, shard by shard.</param>
/// <param name="Classes">What they say of executions to come; null if shards are missing.</param>
/// <param name="Estimate">How likely a failure is; null if shards are missing, or nothing can be said.</param>
/// <param name="Found">The fingerprints of the failures that shards have found.</param>
internal sealed record TargetRow(
    string Name,
    string Strategy,
    ulong Seed,
    string Experiment,
    double? AskedSeconds,
    int Shards,
    int Done,
    long Executions,
    long Steps,
    long CutOff,
    int StepsMax,
    long Failures,
    long Compared,
    long Distinct,
    DiscoveryPoint[] Curve,
    ClassesReport? Classes,
    EstimateReport? Estimate,
    string[] Found);

/// <summary>Sizes of which every state was searched.</summary>
/// <param name="Kind">Verify or prove.</param>
/// <param name="Name">The target, with its sizes.</param>
/// <param name="Expect">What was expected.</param>
/// <param name="AsExpected">Whether it was so; null if there is no answer.</param>
/// <param name="Verdict">As verify says it.</param>
/// <param name="Answer">Verified, or the class of failure; null if there is none.</param>
/// <param name="States">Distinct states.</param>
/// <param name="Transitions">Transitions between them.</param>
/// <param name="MaxDepth">The most transitions on a shortest way.</param>
/// <param name="Reason">Why there is no answer; null if there is one.</param>
/// <param name="Progress">What is known of progress, if anything.</param>
/// <param name="Found">The fingerprint of the failure; null if there is none.</param>
internal sealed record CellRow(
    string Kind,
    string Name,
    string Expect,
    bool? AsExpected,
    string Verdict,
    string? Answer,
    long States,
    long Transitions,
    int MaxDepth,
    string? Reason,
    string? Progress,
    string? Found);

/// <summary>A failure, however often it was found.</summary>
/// <param name="Fingerprint">What is the same for all that are put together here.</param>
/// <param name="Class">The class of failure.</param>
/// <param name="Message">What is wrong, in the smallest schedule.</param>
/// <param name="Target">What shows it: the scenario with its variant, and the sizes.</param>
/// <param name="Culprits">The functions of the two steps whose order makes it; or of the last one.</param>
/// <param name="Steps">Steps of the smallest schedule.</param>
/// <param name="Preemptions">Preemptions in it.</param>
/// <param name="IsProved">There is no smaller one.</param>
/// <param name="NotMinimized">Why it is not in its smallest form; null if it is.</param>
/// <param name="IsExpected">The plan has asked for it.</param>
/// <param name="Hits">Pieces that have found it.</param>
/// <param name="First">The first of them.</param>
/// <param name="File">Where its schedule is, beside the report.</param>
internal sealed record CorpusEntry(
    string Fingerprint,
    string Class,
    string Message,
    string Target,
    string[] Culprits,
    int Steps,
    int Preemptions,
    bool IsProved,
    string? NotMinimized,
    bool IsExpected,
    int Hits,
    PieceName First,
    string File)
{
    /// <summary>The schedule itself.</summary>
    [JsonIgnore]
    public string Schedule { get; init; } = "";
}

/// <summary>How the report of a campaign is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CampaignReport))]
internal sealed partial class CampaignJson : JsonSerializerContext;
