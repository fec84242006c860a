using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Stress.Reports.Documents.Findings;

namespace Kmaplab.Stress.Reports;

/// <summary>What follows from executions for those to come, where anything does.</summary>
internal static class Estimates
{
    /// <summary>How sure bounds are.</summary>
    internal const double Confidence = 0.95;

    private const long ComparedLeast = 20; // Executions below which a bound says next to nothing.

    /// <summary>
    /// Rule of three: no failure in n independent executions bounds their probability by 3/n. Those that were cut off
    /// are none of them, and those of a strategy that learns are not independent.
    /// </summary>
    internal static EstimateReport? Of(ExplorationReport report, SearchStrategy made, string strategy) =>
        report switch
        {
            { Ended: 0 } => null,
            { Failures: 0 } when !made.IsIndependent => null,
            { Failures: 0 } => new EstimateReport(0, AtMost(report.Ended), Confidence)
            {
                Strategy = strategy,
                Counted = report.Ended,
            },
            _ when !made.IsRepresentative => null,
            _ => new EstimateReport((double)report.Failures / report.Ended, null, null)
            {
                Strategy = strategy,
                Counted = report.Ended,
            },
        };

    /// <summary>How likely a failure is at most after so many independent executions without one.</summary>
    internal static double AtMost(long ended) => Math.Min(1, 3.0 / ended);

    /// <summary>
    /// What was seen says something of what is to come only if executions are drawn alike and independently, and their
    /// number was not chosen by what they showed.
    /// </summary>
    internal static ClassesReport? Classes(ExplorationReport report, bool isIndependent, bool goesOn)
    {
        if (report.Classes is not { } sample)
            return null;

        bool holds = isIndependent && sample.Later >= ComparedLeast && (goesOn || report.Failures == 0);
        return new ClassesReport(
            sample.Executions,
            sample.Once,
            holds ? sample.New : null,
            holds ? sample.NewAtMost : null,
            holds ? FailureRate.Confidence : null);
    }
}
