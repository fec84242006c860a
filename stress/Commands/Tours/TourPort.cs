using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>The port without the races: nothing is found in it.</summary>
internal static class TourPort
{
    private const int ExecutionsEach = 100_000;

    // The port itself. Each round may be the last: a finished search is a proof for every number of rounds, and for
    // ever.
    private static readonly (string Scenario, SizeRequest Size)[] s_verified =
    [
        ("churn", new SizeRequest { Tasks = 3, Slots = 1, Pages = 3, Rounds = ScenarioSize.AnyRounds }),
        ("churn", new SizeRequest { Tasks = 3, Slots = 2, Pages = 3, Rounds = ScenarioSize.AnyRounds }),
        ("shared", new SizeRequest { Tasks = 2, Slots = 1, Pages = 2, Rounds = ScenarioSize.AnyRounds }),
        ("shared", new SizeRequest { Tasks = 2, Slots = 2, Pages = 3, Rounds = ScenarioSize.AnyRounds }),
        ("exhaust", new SizeRequest { Tasks = 3, Slots = 2, Rounds = ScenarioSize.AnyRounds }),
        ("atomic", new SizeRequest { Tasks = 1, Rounds = ScenarioSize.AnyRounds }),
        ("migrate", new SizeRequest { Tasks = 2, Pages = 2, Cpus = 2, Rounds = ScenarioSize.AnyRounds }),
        ("bounce", new SizeRequest { Tasks = 1, Rounds = ScenarioSize.AnyRounds }),
        ("kdump", new SizeRequest { Tasks = 1, Rounds = ScenarioSize.AnyRounds }),
        ("shootdown", new SizeRequest { Rounds = ScenarioSize.AnyRounds }),
        ("mixed", new SizeRequest { Tasks = 2, Slots = 1, Pages = 2, Cpus = 1, Rounds = ScenarioSize.AnyRounds }),
    ];

    private static readonly (string Scenario, SizeRequest Size)[] s_explored =
    [
        ("churn", new SizeRequest()),
        ("shared", new SizeRequest()),
        ("exhaust", new SizeRequest()),
        ("testcase-kmap", new SizeRequest()),
        ("nested", new SizeRequest { Tasks = 3, Slots = 4, Depth = 2 }),
    ];

    /// <summary>Exhaustive search of the port at small sizes.</summary>
    internal static List<TourCheck> Verify(Session session)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("every interleaving of", "sizes", "verdict", "states", "transitions", "seconds");
        var checks = new List<TourCheck>();
        foreach ((string scenario, SizeRequest size) in s_verified)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            Experiment experiment = session.Catalogue.Resolve(scenario, variant: null, size);
            var watch = Stopwatch.StartNew();
            VerificationReport report = new Verifier(experiment.Boot(), new VerifierOptions { Jobs = session.Jobs })
            {
                Boot = experiment.Boot,
            }.Run(session.Cancellation);
            var check = new TourCheck(
                scenario,
                SizeText.Of(experiment),
                report.Verdict.Name(),
                report.States,
                report.Transitions,
                watch.Elapsed.TotalSeconds);
            checks.Add(check);
            table.AddRow(
                scenario,
                Markup.Escape(check.Sizes),
                check.Verdict,
                DigitGroups.Of(check.States),
                DigitGroups.Of(check.Transitions),
                $"{check.Seconds:f1}");
        }

        session.Console.Write(table);
        return checks;
    }

    /// <summary>Random executions of the port at larger sizes.</summary>
    internal static List<TourExploration> Explore(Session session)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("random executions of", "sizes", "executions", "failures", "seconds");
        var explorations = new List<TourExploration>();
        foreach ((string scenario, SizeRequest size) in s_explored)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            Experiment experiment = session.Catalogue.Resolve(scenario, variant: null, size);
            var watch = Stopwatch.StartNew();
            var options = new ExplorerOptions { Executions = ExecutionsEach, Jobs = session.Jobs };
            ExplorationReport report = new Explorer(
                experiment.Boot(),
                () => new RandomWalkStrategy(session.Seed),
                options
            ).Run(session.Cancellation);
            var exploration = new TourExploration(
                scenario,
                SizeText.Of(experiment),
                report.Executions,
                watch.Elapsed.TotalSeconds,
                report.First?.Finding.Class.Name());
            explorations.Add(exploration);
            table.AddRow(
                scenario,
                Markup.Escape(exploration.Sizes),
                DigitGroups.Of(exploration.Executions),
                exploration.Failure ?? "none",
                $"{exploration.Seconds:f1}");
        }

        session.Console.Write(table);
        return explorations;
    }
}
