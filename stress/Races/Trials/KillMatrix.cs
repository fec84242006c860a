using System.Text.Json.Serialization;
using System.Threading;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Races.Trials;

/// <summary>How many executions each strategy needs to show each race, over some seeds.</summary>
/// <remarks>Each cell depends on its race, its strategy and the seeds only, so the threads do not matter.</remarks>
internal static class KillMatrix
{
    private const int StepsMax = 10_000;

    /// <summary>
    /// Fills all cells, row by row; those that were not reached before a cancellation are left out.
    /// </summary>
    /// <param name="targets">The rows.</param>
    /// <param name="strategies">The columns.</param>
    /// <param name="firstSeed">The first seed.</param>
    /// <param name="seeds">How many seeds, from that one on.</param>
    /// <param name="executionsMax">Executions after which a strategy has not found it.</param>
    /// <param name="jobs">Threads.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static IReadOnlyList<KillCell> Measure(
        IReadOnlyList<KillTarget> targets,
        IReadOnlyList<StrategyEntry> strategies,
        ulong firstSeed,
        int seeds,
        int executionsMax,
        int jobs,
        CancellationToken cancellation)
    {
        var cells = new KillCell?[targets.Count * strategies.Count];
        Parallel.For(0, cells.Length, new ParallelOptions { MaxDegreeOfParallelism = jobs }, cell =>
        {
            (int target, int strategy) = Math.DivRem(cell, strategies.Count);
            cells[cell] = Measure(
                targets[target], strategies[strategy], firstSeed, seeds, executionsMax, cancellation);
        });
        return [.. cells.OfType<KillCell>()];
    }

    /// <summary>Fills one cell; null if it was cancelled.</summary>
    /// <param name="target">The row.</param>
    /// <param name="entry">The column.</param>
    /// <param name="firstSeed">The first seed.</param>
    /// <param name="seeds">How many seeds, from that one on.</param>
    /// <param name="executionsMax">Executions after which the strategy has not found it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="onFound">Is told of each execution that has found it, with the seed and the number.</param>
    internal static KillCell? Measure(
        KillTarget target,
        StrategyEntry entry,
        ulong firstSeed,
        int seeds,
        int executionsMax,
        CancellationToken cancellation,
        Action<ulong, int, Execution>? onFound = null)
    {
        var execution = new Execution(new Machine(target.Experiment.Boot()), StepsMax);
        var found = new List<int>();
        for (int i = 0; i < seeds; i++)
        {
            if (cancellation.IsCancellationRequested)
                return null;

            SearchStrategy strategy = entry.Create(firstSeed + (ulong)i);
            if (FindFirst(target, execution, strategy, executionsMax, cancellation) is not { } first)
                continue;

            found.Add(first);
            onFound?.Invoke(firstSeed + (ulong)i, first, execution);
        }

        if (cancellation.IsCancellationRequested)
            return null;

        found.Sort();
        int? worst = found.Count == seeds ? found[^1] : null;
        return new KillCell(target.Name, entry.Label, found.Count, seeds, MedianOf(found, seeds), worst);
    }

    private static int? FindFirst(
        KillTarget target,
        Execution execution,
        SearchStrategy strategy,
        int executionsMax,
        CancellationToken cancellation)
    {
        for (int number = 1; number <= executionsMax && !cancellation.IsCancellationRequested; number++)
        {
            execution.Run(strategy, number);
            if (execution.Finding is { } finding && target.IsShownBy(finding.Class))
                return number;
        }

        return null;
    }

    // Those that were not found count as more than any number. Of an even number of seeds the upper one of the two in
    // the middle.
    private static int? MedianOf(List<int> found, int seeds) => seeds / 2 < found.Count ? found[seeds / 2] : null;
}

/// <summary>What a strategy needs for a race.</summary>
/// <param name="Race">The race.</param>
/// <param name="Strategy">The strategy.</param>
/// <param name="Found">With how many seeds it was found.</param>
/// <param name="Seeds">Of how many.</param>
/// <param name="Median">The median number of executions to the first failure; null if it was not found with half of
/// the seeds.</param>
/// <param name="Worst">The greatest; null if it was not found with one of them.</param>
internal sealed record KillCell(
    string Race,
    string Strategy,
    int Found,
    int Seeds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Median,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Worst);
