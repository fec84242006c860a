using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>
/// Tells what an exploration has shown, wherever its executions were run: the failure with its smallest form and how
/// rare it is, or what follows from there being none.
/// </summary>
internal sealed class ExplorationEnding(Session session, ExploredTarget what)
{
    private const long CountedLeast = 1000; // Executions that tell how often a failure shows,
    private const long CountedForEach = 4; // or so many for each that it took to find it,
    private const long CountedSteps = 1_000_000; // if they have no more steps than this.
    private const int CurveLeast = 3; // Points that make a line.

    /// <summary>Whose executions say how rare a failure is, where those that found it do not.</summary>
    internal const string Representative = "random";

    /// <summary>Tells it; yields the exit code.</summary>
    /// <param name="report">What was shown.</param>
    /// <param name="image">What was run.</param>
    /// <param name="elapsed">Seconds that it took.</param>
    /// <param name="missing">What of it is missing; null if nothing is.</param>
    internal int Tell(ExplorationReport report, MachineImage image, double elapsed, string? missing = null)
    {
        (string target, string name, Experiment experiment, string strategy, _, _, _) = what;
        StrategyEntry entry = session.Strategies.Strategy(strategy);
        SearchStrategy made = entry.Create(session.Seed);
        FailureReport? failure = report.First is { } first ? Save(session, name, experiment, strategy, first) : null;
        if (failure is not null && what.IsMinimized)
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

        if (failure is not null && what.IsReported)
            failure = FailurePage.Add(failure, session, Found(session, experiment, strategy, report.First!));

        if (session.Cancellation.IsCancellationRequested)
            missing = "interrupted: this is what was done until then";

        bool isInterrupted = missing is not null;
        EstimateReport? estimate = failure?.Rate is { } rate
            ? Estimate(rate, failure.RateOf ?? strategy)
            : Estimates.Of(report, made, strategy);
        bool? isTested = failure is null && !isInterrupted
            ? StrategyTrial.Finds(session.Catalogue, entry.Create(session.Seed), session.Cancellation)
            : null;
        ClassesReport? classes = Estimates.Classes(report, made.IsIndependent, what.KeepsGoing);
        PctBound[] bounds = PctBound.Of(made, image, report);
        Write(session, name, strategy, report, elapsed, failure, estimate, classes, bounds, missing);
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

    private static FailureReport Save(
        Session session, string name, Experiment experiment, string strategy, FailedExecution first) =>
        FailureWriter.Save(
            session.Out,
            name,
            Found(session, experiment, strategy, first),
            first.Finding,
            first.Preemptions);

    private static Schedule Found(Session session, Experiment experiment, string strategy, FailedExecution first) =>
        session.NewSchedule(experiment, strategy).With(first);

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
        string? missing)
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
                $"  with {Estimates.Confidence * 100:f0} % confidence at most 1 in {1 / atMost:f0} executions of this "
                + "strategy fails; that is no proof");

        foreach (PctBound bound in bounds)
            text.WriteLine(
                $"  a failure of depth {bound.Depth} shows in at least 1 in {1 / bound.AtLeast:f0} executions "
                + $"({Counted.Of(bound.Tasks, "task")}, {Counted.Of(bound.Steps, "step")}), so it was missed with a "
                + $"probability of at most {bound.MissedAtMost:g2}");

        if (bounds.Length > 0)
            text.WriteLine(
                "  that is so if it needs no choice of a task, and no more steps than executions before had");

        if (missing is not null)
            text.WriteLine($"  {missing}");
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
                + $"(with {Estimates.Confidence * 100:f0} % confidence at most {Percent(atMost)})");
    }

    private static string Percent(double share) => $"{share * 100:0.#} %";
}
