using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>How likely executions of <see cref="PctStrategy"/> are, at least, to show a failure of a depth.</summary>
/// <param name="Depth">The least number of orders of two steps that make it sure to happen.</param>
/// <param name="Tasks">How many tasks there are.</param>
/// <param name="Steps">The most steps of an execution.</param>
/// <param name="Executions">Those of which the bound holds.</param>
/// <param name="Depths">Among how many depths the strategy draws.</param>
/// <remarks>
/// It holds for a failure that needs no choice of a task, and shows in an execution that is no longer than those
/// before it in its chunk: from them the strategy knows how long executions are. The first of each chunk does not
/// count, as it has to guess. With shared CPUs or interrupts, and in executions so long that they go on at random,
/// nothing is known.
/// </remarks>
public sealed record PctBound(int Depth, int Tasks, int Steps, long Executions, int Depths)
{
    private const int DepthsTold = 3; // Deeper bounds say next to nothing.

    /// <summary>The probability that one of them shows it is at least this.</summary>
    public double AtLeast => 1 / (Depths * Tasks * Math.Pow(Steps, Depth - 1));

    /// <summary>The probability that none of them shows it is at most this, and never rounded down to 0.</summary>
    public double MissedAtMost => Math.Max(double.Epsilon, Math.Exp(Executions * double.LogP1(-AtLeast)));

    /// <summary>The bounds that hold, by depth; none if the strategy is another one or nothing is known.</summary>
    public static PctBound[] Of(SearchStrategy strategy, MachineImage image, ExplorationReport report)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(report);
        long chunks = (report.Executions + SearchStrategy.ChunkSize - 1) / SearchStrategy.ChunkSize;
        bool holds = image.IsPinned && report.Failures == 0 && report.CutOff == 0
            && report.StepsMax is > 0 and <= BiasedStrategy.FairAfter && report.Executions > chunks;
        if (strategy is not PctStrategy pct || !holds)
            return [];

        return
        [
            .. (pct.Depth is { } depth ? [depth] : Enumerable.Range(1, DepthsTold)).Select(depth => new PctBound(
                depth,
                image.Tasks.Count,
                report.StepsMax,
                report.Executions - chunks,
                pct.Depth is null ? PctStrategy.DepthMax : 1)),
        ];
    }
}
