using System.CommandLine;
using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Races;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs executions of a target until one fails or the budget is spent.</summary>
internal sealed class ExploreCommand() : LabCommand("explore", "Search for a failing schedule of a scenario or a race")
{
    private const long ExecutionsUnlessGiven = 100_000;
    private const long EndlessExecutionsUnlessGiven = 50; // Each runs up to the step limit.
    private const double Confidence = 0.95;
    private const long CountedLeast = 1000; // Executions that tell how often a failure shows,
    private const long CountedForEach = 4; // or so many for each that it took to find it,
    private const long ComparedLeast = 20; // Executions below which a bound says next to nothing.
    private const long CountedSteps = 1_000_000; // if they have no more steps than this.
    private const int CurveLeast = 3; // Points that make a line.

    private const int ContextsListed = 64; // Beyond, strategies that list what can happen take long.

    /// <summary>Whose executions say how rare a failure is, where those that found it do not.</summary>
    private const string Representative = "random";


    private readonly Argument<string> _target = new("TARGET")
    {
        Description = "A scenario (kmaplab scenarios) or a race (kmaplab races)",
    };
    private readonly SizeOptions _size = new();
    private readonly Option<string?> _strategy = new("--strategy")
    {
        Description = "Who chooses (auto; random with more than 64 tasks and handlers); an unknown NAME lists them; "
            + "pct:3, delay:2, preemptions:1 set a bound",
        HelpName = "NAME",
    };
    private readonly Option<long?> _executions = NumberOption.CreateOptional<long>(
        "--executions",
        "Executions to run at most (100000, or with --seconds no limit)",
        1,
        long.MaxValue / 2);
    private readonly Option<double?> _seconds = NumberOption.CreateOptional<double>(
        "--seconds",
        "Seconds to run at most",
        0,
        1e6);
    private readonly Option<bool> _keepGoing = new("--keep-going")
    {
        Description = "Go on after the first failure, and count them",
    };
    private readonly Minimization _minimization = new();

    private readonly MemoSwitches _memo = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        foreach (Option option in (Option[])[_strategy, _executions, _seconds, _keepGoing])
            command.Options.Add(option);

        _memo.AddTo(command);
        _minimization.AddTo(command);
        _size.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string target = arguments.GetValue(_target)!;
        // What cannot be made says so before any work.
        string? asked = arguments.GetValue(_strategy);
        if (asked is not null)
            session.Strategies.Strategy(asked).Create(session.Seed);

        Experiment experiment = _size.Resolve(session.Catalogue, arguments, target);
        MachineImage image = experiment.Boot(); // What cannot be booted says so before a folder is made.
        string strategy = asked ?? StrategyUnlessGiven(image);
        StrategyEntry entry = session.Strategies.Strategy(strategy);
        SearchStrategy made = entry.Create(session.Seed);
        bool isIndependent = made.IsIndependent;
        session.PrepareOut();

        using var budget = CancellationTokenSource.CreateLinkedTokenSource(session.Cancellation);
        double? seconds = arguments.GetValue(_seconds);
        if (seconds is { } limit)
            budget.CancelAfter(TimeSpan.FromSeconds(limit));

        bool isEndless =
            experiment.Size.Rounds == ScenarioSize.Forever
            && experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds);
        long executions = arguments.GetValue(_executions)
            ?? (
                seconds is not null ? long.MaxValue / 2
                : isEndless ? EndlessExecutionsUnlessGiven
                : ExecutionsUnlessGiven);
        if (isEndless)
            WarnOfEndlessness(session.Text, target, executions, seconds);

        var options = new ExplorerOptions
        {
            Executions = executions,
            Jobs = session.Jobs,
            KeepGoing = arguments.GetValue(_keepGoing),
            Memo = _memo.Read(arguments),
        };
        var progress = new ProgressLine(session.Terminal);
        var watch = Stopwatch.StartNew();
        var explorer = new Explorer(experiment.Boot, () => entry.Create(session.Seed), options)
        {
            Progress = soFar =>
                progress.Show(() =>
                    $"{target}: {soFar.Executions} executions, {soFar.Failures} failed, "
                    + $"{soFar.Steps / watch.Elapsed.TotalSeconds / 1e6:f1} M steps/s"),
        };
        ExplorationReport report = explorer.Run(budget.Token);
        double elapsed = watch.Elapsed.TotalSeconds;
        progress.Clear();

        string name = arguments.GetValue<string?>("--variant") is { } variant ? $"{target}+{variant}" : target;
        FailureReport? failure = report.First is { } first ? Save(session, name, experiment, strategy, first) : null;
        if (failure is not null && _minimization.IsWanted(arguments))
        {
            failure = Minimization.Add(
                failure,
                session,
                name,
                experiment,
                report.First!.Finding.Class,
                report.First.Schedule,
                report.First.Loop);
            StrategyEntry counted = made.IsRepresentative ? entry : session.Strategies.Strategy(Representative);
            failure = failure with
            {
                Rate = Rate(session, experiment, counted, report),
                RateOf = counted == entry ? null : counted.Name,
            };
        }

        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        EstimateReport? estimate = failure?.Rate is { } rate
            ? Estimate(rate, failure.RateOf ?? strategy)
            : Estimate(report, made, strategy);
        bool? isTested = failure is null && !isInterrupted
            ? StrategyTrial.Finds(session.Catalogue, entry.Create(session.Seed), session.Cancellation)
            : null;
        ClassesReport? classes = Classes(report, isIndependent, options.KeepGoing);
        PctBound[] bounds = PctBound.Of(made, image, report);
        Write(session, name, strategy, report, elapsed, failure, estimate, classes, bounds, isInterrupted);
        if (isTested == false)
            WriteUntested(session.Text, strategy);

        IReadOnlyList<DetectorEntry> blind = isTested is not null
            ? DetectorTrial.Untested(session.Catalogue, session.Seed, session.Cancellation)
            : [];
        foreach (DetectorEntry detector in blind)
            WriteUntested(session.Text, detector);

        session.WriteJson(
            new ExploreReport(
                target,
                strategy,
                session.Seed,
                report.Executions,
                report.Steps,
                report.CutOff,
                report.Failures,
                report.Compared,
                report.Distinct,
                elapsed,
                report.Steps / elapsed,
                report.Executions / elapsed,
                isInterrupted,
                failure,
                estimate,
                SizeText.Json(experiment))
            {
                Curve = [.. report.Curve?.Points ?? []],
                Classes = classes,
                PctBounds = [.. bounds.Select(bound => new PctBoundReport(
                    bound.Depth, bound.Tasks, bound.Steps, bound.Executions, bound.AtLeast, bound.MissedAtMost))],
                StrategyTested = isTested,
                UntestedDetectors = [.. blind.Select(detector => detector.Name)],
            },
            ReportJson.Default.ExploreReport);
        bool hasAnswer = !isInterrupted && report.Ended > 0; // Who was cut off has shown nothing.
        return failure is not null ? ExitCode.Failure : hasAnswer ? ExitCode.Clean : ExitCode.NoAnswer;
    }

    // A random walk counts what can happen next; all others list it, which takes long if it is very much.
    private static string StrategyUnlessGiven(MachineImage image) =>
        image.Contexts <= ContextsListed ? RaceSearch.Strategy : Representative;

    private static FailureReport Save(
        Session session, string name, Experiment experiment, string strategy, FailedExecution first) =>
        FailureWriter.Save(
            session.Out,
            name,
            session.NewSchedule(experiment, strategy).With(first),
            first.Finding,
            first.Preemptions);

    /// <summary>
    /// How often the strategy shows what it has found. The longer that took to find, the more executions are counted,
    /// within a number of steps.
    /// </summary>
    private static FailureRate? Rate(
        Session session, Experiment experiment, StrategyEntry entry, ExplorationReport report)
    {
        FailedExecution first = report.First!;
        if (first.Finding.Class == FailureClass.Nondeterminism)
            return null; // How often that shows depends on who looks for it.

        long stepsEach = Math.Max(1, report.Steps / report.Executions);
        long executions = Math.Min(
            Math.Max(CountedLeast, CountedForEach * first.Number), Math.Max(1, CountedSteps / stepsEach));
        try
        {
            return FailureRate.Measure(
                experiment.Boot,
                () => entry.Create(session.Seed),
                first.Finding.Class,
                first.Number,
                executions,
                session.Jobs,
                session.Cancellation);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or UsageException or InvalidOperationException)
        {
            return null; // What was found is told all the same.
        }
    }

    private static EstimateReport Estimate(FailureRate rate, string strategy) =>
        new(
            rate.Share,
            rate.IsIndependent ? rate.AtMost : null,
            rate.IsIndependent ? FailureRate.Confidence : null)
        {
            Strategy = strategy,
            AtLeast = rate.IsIndependent ? rate.AtLeast : null,
            Counted = rate.Executions,
            ToReproduce = rate.IsIndependent ? rate.ToReproduce : null,
        };

    private static void WarnOfEndlessness(TextWriter text, string target, long executions, double? seconds)
    {
        string budget = seconds is { } limit ? $"for {limit} s" : $"{Counted.Of(executions, "execution")}";
        text.WriteLine(
            $"{target}: its tasks never end, so each execution is cut off after {new ExplorerOptions().StepsMax} "
            + $"steps, {budget}; "
                + "what shows only at an end, such as a leak, cannot be seen (with --rounds any each round may be the "
                + "last)");
        text.Flush();
    }

    private static void Write(
        Session session,
        string name,
        string strategy,
        ExplorationReport report,
        double elapsed,
        FailureReport? failure,
        EstimateReport? estimate,
        ClassesReport? classes,
        PctBound[] bounds,
        bool isInterrupted)
    {
        TextWriter text = session.Text;
        if (failure is not null)
            FailureWriter.Write(text, name, failure, session.ModuleOptions);

        string found = failure is not null ? Counted.Of(report.Failures, "failure")
            : report.Ended > 0 ? "nothing wrong" : "no answer";
        text.WriteLine(
            $"{name}: {found} in {Counted.Of(report.Executions, "execution")}, {Counted.Of(report.Steps, "step")} "
            + $"({strategy}, seed {session.Seed}); "
                + $"{elapsed:f2} s, {report.Steps / elapsed / 1e6:f1} M steps/s, "
                + $"{report.Executions / elapsed / 1e3:f1} k executions/s");
        if (report.CutOff > 0)
            text.WriteLine(
                $"  {Counted.Of(report.CutOff, "execution")} reached the step limit and did not end: they show "
                + "nothing, and are in no estimate");

        if (failure is null && report.Compared > 0)
            WriteDistinct(text, report, classes);

        if (failure is null && estimate is { AtMost: { } atMost })
            text.WriteLine(
                $"  with {Confidence * 100:f0} % confidence at most 1 in {1 / atMost:f0} executions of this strategy "
                + "fails; that is no proof");

        foreach (PctBound bound in bounds)
            text.WriteLine(
                $"  a failure of depth {bound.Depth} shows in at least 1 in {1 / bound.AtLeast:f0} executions "
                + $"({Counted.Of(bound.Tasks, "task")}, {Counted.Of(bound.Steps, "step")}), so it was missed with a "
                + $"probability of at most {bound.MissedAtMost:g2}");

        if (bounds.Length > 0)
            text.WriteLine(
                "  that is so if it needs no choice of a task, and no more steps than executions before had");

        if (isInterrupted)
            text.WriteLine("  interrupted: this is what was done until then");
    }

    // "Nothing wrong" says nothing of a strategy that finds nothing anywhere.
    private static void WriteUntested(TextWriter text, string strategy) => text.WriteLine(
        $"  UNTESTED: {strategy} does not find {StrategyTrial.Race} either, which is there, in "
        + $"{StrategyTrial.ExecutionsMax} executions: this may have been an empty search");

    private static void WriteUntested(TextWriter text, DetectorEntry detector) => text.WriteLine(
        $"  UNTESTED: the detector {detector.Name} has found nothing in this build: no race of its module "
        + $"fails by it in {DetectorTrial.Executions} executions");

    // "Nothing wrong" says little if all were the same.
    private static void WriteDistinct(TextWriter text, ExplorationReport report, ClassesReport? classes)
    {
        string once = classes is null ? "" : $", {classes.SeenOnce} of them seen once";
        text.WriteLine(
            $"  the first {Counted.Of(report.Compared, "execution")}: {Counted.Of(report.Distinct, "distinct order")} "
            + $"of conflicting steps{once}");
        if (report.Curve is { Points: { Count: >= CurveLeast } points })
            text.WriteLine(
                $"  distinct orders after {string.Join(", ", points.Select(point => point.Executions))} executions: "
                + string.Join(", ", points.Select(point => point.Distinct)));

        if (classes is { NewProbability: { } probability, NewAtMost: { } atMost })
            text.WriteLine(
                $"  another execution shows a new order with a probability of about {Percent(probability)} "
                + $"(with {Confidence * 100:f0} % confidence at most {Percent(atMost)})");
    }

    private static string Percent(double share) => $"{share * 100:0.#} %";

    // What was seen says something of what is to come only if executions are drawn alike and independently, and their
    // number was not chosen by what they showed.
    private static ClassesReport? Classes(ExplorationReport report, bool isIndependent, bool goesOn)
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

    // Rule of three: no failure in n independent executions bounds their probability by 3/n. Those that were cut off
    // are none of them, and those of a strategy that learns are not independent.
    private static EstimateReport? Estimate(ExplorationReport report, SearchStrategy made, string strategy) =>
        report switch
        {
            { Ended: 0 } => null,
            { Failures: 0 } when !made.IsIndependent => null,
            { Failures: 0 } => new EstimateReport(0, Math.Min(1, 3.0 / report.Ended), Confidence)
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
}
