using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>Which strategies find the races.</summary>
internal static class TourStrategies
{
    private const int Seeds = 3;
    private const int Executions = 1_000;

    /// <summary>
    /// The races by all strategies, so few seeds and executions that it takes seconds; races --matrix does more.
    /// </summary>
    internal static TourMatrix Measure(Session session)
    {
        var progress = new ProgressLine(session.Terminal);
        progress.Show(() => "each race by each strategy");
        IReadOnlyList<KillCell> cells = KillMatrix.Measure(
            [.. session.Catalogue.Races.Select(KillTarget.Of)],
            session.Strategies.Entries,
            session.Seed,
            Seeds,
            Executions,
            session.Jobs,
            session.Cancellation);
        progress.Clear();
        string[] untested =
        [
            .. cells.GroupBy(cell => cell.Strategy)
                .Where(strategy => strategy.All(cell => cell.Found == 0))
                .Select(strategy => strategy.Key),
        ];
        if (cells.Count > 0)
        {
            int found = cells.Count(cell => cell.Found == cell.Seeds);
            session.Text.WriteLine(
                $"each race by each strategy: {found} of {cells.Count} pairs found with all of "
                + $"{Counted.Of(Seeds, "seed")} within {Executions} executions; the table is on the page");
        }

        foreach (string strategy in untested)
            session.Text.WriteLine($"UNTESTED: the strategy {strategy} has found none of the races in this build");

        return new TourMatrix([.. cells], Executions, untested);
    }
}
