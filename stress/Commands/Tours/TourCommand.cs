using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Tours;

/// <summary>
/// The main job: every race of the catalogue is found and replayed, and the port without them shows nothing.
/// </summary>
internal sealed class TourCommand()
    : LabCommand("tour", "Find and replay every race, show that the port is free of them, write out/index.html")
{
    private const int ExecutionsEach = 100_000;
    private const int MatrixSeeds = 3;
    private const int MatrixExecutions = 1_000;

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

    private readonly Minimization _minimization = new();

    protected override void AddOptions(Command command) => _minimization.AddTo(command);

    internal override int Run(Session session, ParseResult arguments)
    {
        session.PrepareOut();
        List<(RaceEntry Race, TourRace Result, ExecutionTrace? Trace)> races =
            FindRaces(session, _minimization.IsWanted(arguments));
        List<TourCheck> verified = Verify(session);
        List<TourExploration> explored = Explore(session);
        TourSizes sizes = TourMaps.Draw(session);
        TourMatrix matrix = Measure(session);
        bool ok = races.TrueForAll(race => race.Result is { Found: true, Reproduced: true, Schedule: not null })
            && verified.TrueForAll(check => check.Verdict == "verified")
            && explored.TrueForAll(exploration => exploration.Failure is null)
            && sizes.Ok
            && matrix.Untested.Length == 0
            && !session.Cancellation.IsCancellationRequested;

        string page = Path.Combine(session.Out, "index.html");
        var report = new TourReport(
            [.. races.Select(race => race.Result)], [.. verified], [.. explored], matrix, sizes, page, ok);
        session.WriteJson(report, ReportJson.Default.TourReport);
        // Last: if it cannot be written, all has been told.
        WholeFile.Write(page, TourPage.Render(session.Seed, races, report));
        if (session.Cancellation.IsCancellationRequested)
        {
            session.Text.WriteLine($"interrupted: what was found until then is in {Printable.Of(page)}");
            return ExitCode.NoAnswer;
        }

        session.Text.WriteLine(
            ok
                ? $"All {races.Count} races found and replayed; nothing wrong in the port itself. The stories: "
                    + $"{Printable.Of(page)}"
                : $"NOT as expected: see the tables above, and {Printable.Of(page)}");
        return ok ? ExitCode.Clean : ExitCode.Failure;
    }

    private static List<(RaceEntry Race, TourRace Result, ExecutionTrace? Trace)> FindRaces(
        Session session, bool minimizes)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("race", "class", "found after", "minimal (proved)", "replayed");
        var races = new List<(RaceEntry, TourRace, ExecutionTrace?)>();
        var progress = new ProgressLine(session.Terminal);
        foreach (RaceEntry race in session.Catalogue.Races)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"looking for {race.Name}");
            (TourRace result, ExecutionTrace? trace) = FindRace(session, race, minimizes);
            races.Add((race, result, trace));
            string after = result.Found ? Invariant(result.Executions) : "NOT FOUND";
            table.AddRow(
                Markup.Escape(race.Name),
                result.Class ?? "",
                after,
                Minimal(result),
                result.Reproduced ? "yes" : "NO");
        }

        progress.Clear();
        session.Console.Write(table);
        session.Text.WriteLine(
            "found after so many executions, as kmaplab explore NAME says; minimal, as kmaplab minimize says: no "
            + "schedule has");
        session.Text.WriteLine(
            "fewer preemptions, or as many and fewer steps; replayed from the file of that schedule.");
        return races;
    }

    private static (TourRace Result, ExecutionTrace? Trace) FindRace(
        Session session, RaceEntry race, bool minimizes)
    {
        var watch = Stopwatch.StartNew();
        RaceFound? found = null;
        try
        {
            found = RaceSearch.Find(race, session.Seed, session.Jobs, session.Cancellation, minimizes);
        }
        catch (OperationCanceledException)
        {
            // Interrupted: what was found until then is told.
        }

        double seconds = watch.Elapsed.TotalSeconds;
        if (found is null)
            return (new TourRace(race.Name, false, null, 0, seconds, 0, 0, null, null, false, false, null), null);

        Schedule schedule = found.Minimal is { } form
            ? Minimization.ScheduleOf(session, form)
            : session.NewSchedule(race.Experiment, RaceSearch.Strategy).With(found.Failed);
        Finding shown = found.Minimal?.Report.Smallest.Finding ?? found.Failed.Finding;
        var saved = SavedSchedule.Replace(Path.Combine(session.Out, $"{race.Name}.schedule"), schedule);

        // Replayed from the file, on a machine of its own, as anybody else would.
        Schedule read = saved.Path is { } path ? Product.Files.Load(path) : schedule;
        Explanation explanation = ExplanationOf.Schedule(
            session.Catalogue.Resolve(read),
            read,
            saved.Path ?? Product.Tokens.Format(read),
            CancellationToken.None) with
        {
            ModuleOptions = session.ModuleOptions,
        };
        ExecutionTrace trace = explanation.Trace;
        bool isReproduced = trace.Report.Reproduced && trace.Report.Finding == shown;
        return (
            new TourRace(
                race.Name,
                true,
                found.Failed.Finding.Class.Name(),
                found.Failed.Number,
                seconds,
                found.Failed.Preemptions,
                found.Failed.Schedule.Length,
                found.Minimal?.Report.Smallest.Preemptions,
                found.Minimal?.Report.Smallest.Steps,
                found.Minimal is { Report.IsProved: true },
                isReproduced,
                saved.Path)
            {
                Report = SaveReport(session, race, explanation),
            },
            trace);
    }

    // A disk that is full must not take away what was found.
    private static string? SaveReport(Session session, RaceEntry race, Explanation explanation)
    {
        string path = Path.Combine(session.Out, $"{race.Name}{PictureFormats.Html.Extension}");
        try
        {
            WholeFile.Write(path, stream => PictureFormats.Html.Write(explanation, stream));
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Minimal(TourRace race) => race switch
    {
        { MinimalPreemptions: { } preemptions, MinimalSteps: { } steps } =>
            $"{(race.MinimalProved ? "" : "so far: ")}{Counted.Of(preemptions, "preemption")}, "
            + Counted.Of(steps, "step"),
        _ => "",
    };

    private static List<TourCheck> Verify(Session session)
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
                Invariant(check.States),
                Invariant(check.Transitions),
                $"{check.Seconds:f1}");
        }

        session.Console.Write(table);
        return checks;
    }

    private static List<TourExploration> Explore(Session session)
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
                Invariant(exploration.Executions),
                exploration.Failure ?? "none",
                $"{exploration.Seconds:f1}");
        }

        session.Console.Write(table);
        return explorations;
    }

    /// <summary>
    /// The races by all strategies, so few seeds and executions that it takes seconds; races --matrix does more.
    /// </summary>
    private static TourMatrix Measure(Session session)
    {
        var progress = new ProgressLine(session.Terminal);
        progress.Show(() => "each race by each strategy");
        IReadOnlyList<KillCell> cells = KillMatrix.Measure(
            [.. session.Catalogue.Races.Select(KillTarget.Of)],
            session.Strategies.Entries,
            session.Seed,
            MatrixSeeds,
            MatrixExecutions,
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
                + $"{Counted.Of(MatrixSeeds, "seed")} within {MatrixExecutions} executions; the table is on the page");
        }

        foreach (string strategy in untested)
            session.Text.WriteLine($"UNTESTED: the strategy {strategy} has found none of the races in this build");

        return new TourMatrix([.. cells], MatrixExecutions, untested);
    }

    private static string Invariant(long number) =>
        number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
