using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Stress.Races;

namespace Kmaplab.Stress.Reports;

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

/// <summary>kmaplab scenarios --json.</summary>
internal sealed record ScenariosReport(
    ScenarioReport[] Scenarios,
    VariantReport[] Variants,
    DetectorReport[] Detectors);

/// <summary>
/// A scenario and its sizes unless given; 0 pages are as many as needed, 0 cpus one per task, 0 rounds for ever.
/// </summary>
internal sealed record ScenarioReport(
    string Name,
    string Summary,
    string[] Uses,
    int Tasks,
    int Slots,
    int Pages,
    int Cpus,
    int Rounds,
    int Depth,
    ParameterReport[] Parameters);

/// <summary>A parameter that a scenario takes: a size, or one of its own.</summary>
internal sealed record ParameterReport(string Name, string Summary, JsonNode Default, string Range);

/// <summary>A variant of the port.</summary>
internal sealed record VariantReport(string Name, string Summary, bool Benign);

/// <summary>A detector that a module brings.</summary>
internal sealed record DetectorReport(string Name, string Summary);

/// <summary>kmaplab races --json.</summary>
internal sealed record RacesReport(RaceReport[] Races);

/// <summary>kmaplab races --matrix --json.</summary>
internal sealed record MatrixReport(KillCell[] Matrix, int ExecutionsMax, string Csv, string Picture, bool Interrupted);

/// <summary>A race of the catalogue.</summary>
internal sealed record RaceReport(
    string Name,
    string Class,
    string Reference,
    int Tasks,
    int Slots,
    int Pages,
    int Cpus,
    string Scenario,
    string? Variant,
    string Script,
    string Story,
    string Fix,
    string Command,
    JsonObject Parameters)
{
    /// <summary>The steps of a failing execution; only where one race was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Interleaving { get; init; }
}

/// <summary>kmaplab explore --json.</summary>
internal sealed record ExploreReport(
    string Target,
    string Strategy,
    ulong Seed,
    long Executions,
    long Steps,
    long CutOff,
    long Failures,
    long Compared,
    long Distinct,
    double Seconds,
    double StepsPerSecond,
    double ExecutionsPerSecond,
    bool Interrupted,
    FailureReport? Failure,
    EstimateReport? Estimate,
    JsonObject Parameters)
{
    /// <summary>How many classes the executions that were compared are of, after 1, 2, 4 of them and so on.</summary>
    public DiscoveryPoint[] Curve { get; init; } = [];

    /// <summary>What the executions that were compared say; null if they were fewer than was meant.</summary>
    public ClassesReport? Classes { get; init; }

    /// <summary>The bounds of PCT by depth; empty where none holds.</summary>
    public PctBoundReport[] PctBounds { get; init; } = [];

    /// <summary>Whether the strategy finds a race that is there; null where it has found something here.</summary>
    public bool? StrategyTested { get; init; }

    /// <summary>Detectors of modules that find nothing in their module; asked where nothing was found.</summary>
    public string[] UntestedDetectors { get; init; } = [];
}

/// <summary>
/// Classes of executions: those of one become each other by swapping steps that cannot see each other.
/// </summary>
/// <param name="Compared">Executions that were compared.</param>
/// <param name="SeenOnce">Classes of which there was one of them.</param>
/// <param name="NewProbability">How likely, about, another execution is of a class not seen; only for a strategy whose
/// executions are independent.</param>
/// <param name="NewAtMost">A bound of that.</param>
/// <param name="Confidence">The confidence of the bound.</param>
internal sealed record ClassesReport(
    long Compared, long SeenOnce, double? NewProbability, double? NewAtMost, double? Confidence);

/// <summary>How likely executions of PCT are to show a failure of a depth.</summary>
/// <param name="Depth">The depth.</param>
/// <param name="Tasks">The tasks that the bound rests on.</param>
/// <param name="Steps">The steps that it rests on.</param>
/// <param name="Executions">Executions of which it holds.</param>
/// <param name="ShownAtLeast">The probability that one of them shows it, at least.</param>
/// <param name="MissedAtMost">The probability that none of them shows it, at most.</param>
internal sealed record PctBoundReport(
    int Depth, int Tasks, int Steps, long Executions, double ShownAtLeast, double MissedAtMost);

/// <summary>How likely an execution of this strategy is to fail, as far as executions tell.</summary>
/// <param name="FailuresPerExecution">What was observed.</param>
/// <param name="AtMost">A bound that holds with <paramref name="Confidence"/>: by the rule of three where no execution
/// failed, else the end of an interval.</param>
/// <param name="Confidence">The confidence of that bound.</param>
internal sealed record EstimateReport(double FailuresPerExecution, double? AtMost, double? Confidence)
{
    /// <summary>Whose executions were counted: a strategy's that was not asked for if that one's say nothing.</summary>
    public required string Strategy { get; init; }

    /// <summary>The other end of the interval; only where there is one.</summary>
    public double? AtLeast { get; init; }

    /// <summary>Executions that were counted.</summary>
    public long Counted { get; init; }

    /// <summary>Executions of which, with 99 % probability, at least one fails; null if none of those counted did.
    /// </summary>
    public long? ToReproduce { get; init; }
}

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

    /// <summary>The smallest form, for people.</summary>
    [JsonIgnore]
    public MinimalForm? Form { get; init; }

    /// <summary>How often the strategy shows it; null if that was not counted.</summary>
    [JsonIgnore]
    public FailureRate? Rate { get; init; }

    /// <summary>Which strategy that is; null for the one that has found it.</summary>
    [JsonIgnore]
    public string? RateOf { get; init; }
}

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

/// <summary>kmaplab frontier --json.</summary>
internal sealed record FrontierReport(FrontierCell[] Cells, bool Agrees, bool Complete, string Picture);

/// <summary>kmaplab frontier --starvation --json.</summary>
internal sealed record StarvationReport(StarvationCell[] Cells, bool Complete);

/// <summary>kmaplab oracle --json.</summary>
/// <param name="Programs">Programs that were explored.</param>
/// <param name="Mismatches">Counts that differ, over all programs.</param>
/// <param name="First">The first of them; null if there is none.</param>
/// <param name="All">All of them.</param>
/// <param name="ComparedInPart">Programs of which something was not compared.</param>
/// <param name="NotCompared">What that was.</param>
internal sealed record OracleReport(
    int Programs,
    int Mismatches,
    Oracle.OracleMismatch? First,
    Oracle.OracleMismatch[] All,
    int ComparedInPart,
    Oracle.OracleGap[] NotCompared);

/// <summary>kmaplab selfcheck --json.</summary>
internal sealed record SelfcheckReport(SelfcheckResult[] Checks, bool Interrupted);

/// <summary>What one check of the laboratory has shown.</summary>
/// <param name="Name">Which check.</param>
/// <param name="Passed">All of it was done, and nothing was wrong.</param>
/// <param name="Detail">What was checked, with numbers.</param>
/// <param name="What">What must hold.</param>
/// <param name="Checked">How many things were checked.</param>
/// <param name="IsWhole">Nothing was left out.</param>
/// <param name="Problems">Everything that did not hold.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record SelfcheckResult(
    string Name, bool Passed, string Detail, string What, int Checked, bool IsWhole, string[] Problems, double Seconds);

/// <summary>kmaplab record --json.</summary>
internal sealed record RecordReport(string File, string Kind, ulong Seed, int Steps, string End);

/// <summary>kmaplab bench --json.</summary>
internal sealed record BenchReport(BenchResult[] Benchmarks, string Reports);

/// <summary>One benchmark, an operation of which takes so long and allocates so much on average.</summary>
internal sealed record BenchResult(
    string Name,
    double MeanNanoseconds,
    double StandardDeviationNanoseconds,
    long? AllocatedBytes);

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

/// <summary>kmaplab tour --json.</summary>
internal sealed record TourReport(
    TourRace[] Races,
    TourCheck[] Verified,
    TourExploration[] Explored,
    TourMatrix Matrix,
    TourSizes Sizes,
    string Page,
    bool Ok);

/// <summary>Maps of sizes, and the traces that the port was compared with.</summary>
/// <param name="Nesting">For which sizes nested mappings can deadlock.</param>
/// <param name="Starvation">For which sizes a sleeper can starve.</param>
/// <param name="Traces">Recorded traces that the port was compared with.</param>
/// <param name="Steps">The steps of them.</param>
/// <param name="Mismatches">Those that differ.</param>
internal sealed record TourSizes(
    FrontierCell[] Nesting, StarvationCell[] Starvation, int Traces, long Steps, int Mismatches)
{
    /// <summary>No proof is against the formula, none is missing, and no trace differs.</summary>
    public bool Ok => Mismatches == 0
        && Traces > 0
        && Nesting.All(cell => cell.Agrees && cell.Verdict != "inconclusive")
        && Starvation.All(cell => cell.Verdict is "free" or "starvation");
}

/// <summary>How many executions each strategy needs for each race.</summary>
/// <param name="Cells">What was measured.</param>
/// <param name="ExecutionsMax">Executions after which a race is not found.</param>
/// <param name="Untested">Strategies that found none of the races.</param>
internal sealed record TourMatrix(KillCell[] Cells, int ExecutionsMax, string[] Untested);

/// <summary>A race as the tour met it.</summary>
/// <param name="Name">The race.</param>
/// <param name="Found">Whether it was found.</param>
/// <param name="Class">The class of failure; null if it was not found.</param>
/// <param name="Executions">The execution that showed it first, as explore says.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Preemptions">Preemptions of that execution.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="MinimalPreemptions">Preemptions of the smallest schedule, as minimize says; null without one.</param>
/// <param name="MinimalSteps">Its steps.</param>
/// <param name="MinimalProved">There is none smaller at these sizes.</param>
/// <param name="Reproduced">The smallest schedule, read from its file, showed the same.</param>
/// <param name="Schedule">That file; null if it could not be saved.</param>
internal sealed record TourRace(
    string Name,
    bool Found,
    string? Class,
    long Executions,
    double Seconds,
    int Preemptions,
    int Steps,
    int? MinimalPreemptions,
    int? MinimalSteps,
    bool MinimalProved,
    bool Reproduced,
    string? Schedule)
{
    /// <summary>The page that explains that schedule; null if it could not be saved.</summary>
    public string? Report { get; init; }
}

/// <summary>An unmodified scenario of which every state was searched.</summary>
internal sealed record TourCheck(
    string Target,
    string Sizes,
    string Verdict,
    long States,
    long Transitions,
    double Seconds);

/// <summary>An unmodified scenario of which many executions were run.</summary>
internal sealed record TourExploration(string Target, string Sizes, long Executions, double Seconds, string? Failure);

/// <summary>kmaplab explain --json.</summary>
/// <param name="Target">The experiment.</param>
/// <param name="Reproduced">The same happened as is recorded.</param>
/// <param name="Class">The class of failure that it shows; null if nothing is wrong.</param>
/// <param name="Steps">The steps that it has taken.</param>
/// <param name="Files">What was written.</param>
internal sealed record ExplainReport(string Target, bool Reproduced, string? Class, int Steps, string[] Files);

/// <summary>kmaplab campaign plan --json.</summary>
/// <param name="File">The plan that was written.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Fingerprint">Of its pieces.</param>
/// <param name="Pieces">How many they are.</param>
internal sealed record CampaignPlanReport(string File, string Name, string Fingerprint, int Pieces);
