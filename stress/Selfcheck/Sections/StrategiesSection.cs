using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>
/// Lets every strategy look for races that are there: one that finds none of them has not shown that it looks at all.
/// </summary>
internal sealed class StrategiesSection : SelfcheckSection
{
    private const int ExecutionsToFind = 10_000;

    // A wake-up that is lost if one task comes between two steps, and a page that three tasks in turn map twice.
    private static readonly string[] s_races = ["queue-after-unlock", "no-recheck"];

    internal override string Name => "strategies";

    internal override string What => "every strategy finds races that are there, in executions that differ";

    internal override SectionResult Run(SelfcheckRun run)
    {
        IReadOnlyList<StrategyEntry> strategies = run.Strategies.Entries;
        List<string[]> outcomes = run.ForEach(Name, strategies.Count, i => Check(strategies[i], run));
        bool isWhole = outcomes.Count == strategies.Count && !run.Cancellation.IsCancellationRequested;
        string detail =
            $"{string.Join(", ", strategies.Select(strategy => strategy.Name))}; {string.Join(" and ", s_races)}";
        return new SectionResult(outcomes.Count, detail, [.. outcomes.SelectMany(problems => problems)], isWhole);
    }

    private static string[] Check(StrategyEntry entry, SelfcheckRun run)
    {
        try
        {
            return Look(entry, run);
        }
        catch (UsageException exception)
        {
            return [$"{entry.Name} is untested: {exception.Message}"];
        }
    }

    private static string[] Look(StrategyEntry entry, SelfcheckRun run)
    {
        var problems = new List<string>();
        foreach (string name in s_races)
        {
            RaceEntry race = run.Catalogue.Race(name);
            var options = new ExplorerOptions { Executions = ExecutionsToFind, WarmUpSteps = 0 };
            ExplorationReport report = new Explorer(race.Experiment.Boot, () => entry.Create(run.Seed), options)
                .Run(run.Cancellation);
            if (run.Cancellation.IsCancellationRequested)
                break;

            if (report.First is not { } failed || !race.IsShownBy(failed.Finding.Class))
                problems.Add(Untested(entry, name, report, run));
            else
                run.Replays.Check(race.Experiment, "explore", failed.Finding.Class, failed.Schedule, failed.Loop);
        }

        return [.. problems];
    }

    private static string Untested(StrategyEntry entry, string race, ExplorationReport report, SelfcheckRun run) =>
        $"{entry.Name} is untested: explore {race} --strategy {entry.Name} --seed {run.Seed} finds nothing in "
        + $"{report.Executions} executions; the first {report.Compared} have {report.Distinct} distinct orders of "
        + "conflicting steps";
}
