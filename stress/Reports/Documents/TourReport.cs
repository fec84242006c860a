using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Tables;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab tour --json.</summary>
internal sealed record TourReport(
    TourRace[] Races,
    TourCheck[] Verified,
    TourExploration[] Explored,
    TourMatrix Matrix,
    TourSizes Sizes,
    string Page,
    bool Ok)
{
    /// <summary>What the port does on threads, by their number.</summary>
    public TourSoak[] Threads { get; init; } = [];
}

/// <summary>The port on some threads for a moment, without checks but for BUG and tasks that hang.</summary>
/// <param name="Threads">How many.</param>
/// <param name="Slots">LAST_PKMAP.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Operations">The kmaps and kunmaps that they did.</param>
/// <param name="OpsPerSecond">The same in a second.</param>
/// <param name="Latency">From wake-up to run; null if nobody slept.</param>
/// <param name="Failure">The class of what was wrong; null if nothing was.</param>
internal sealed record TourSoak(
    int Threads,
    int Slots,
    double Seconds,
    long Operations,
    double OpsPerSecond,
    WakeupLatency? Latency,
    string? Failure);

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
