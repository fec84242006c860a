using System.Text.Json.Nodes;
using Kmaplab.Scheduler.Exploration.Searches;

namespace Kmaplab.Stress.Reports.Documents.Findings;

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
