using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>Shows a mistake of every class to both searches, and the same without it.</summary>
/// <param name="cases">What is shown; others show that a blind detector, or one that cries wolf, is noticed.</param>
internal sealed class DetectorsSection(Func<ScenarioCatalogue, IReadOnlyList<DetectorCase>> cases) : SelfcheckSection
{
    private const int ExecutionsToFind = 20_000;
    private const int ExecutionsOfRight = 1_000;

    internal DetectorsSection()
        : this(DetectorCase.All)
    {
    }

    internal override string Name => "detectors";

    internal override string What =>
        "a mistake of each class is reported as that class by explore and by verify, and the same without the mistake "
        + "is not";

    internal override SectionResult Run(SelfcheckRun run)
    {
        IReadOnlyList<DetectorCase> all = cases(run.Catalogue);
        List<string[]> outcomes = run.ForEach(Name, all.Count, i => Check(all[i], run));
        string[] missing =
        [
            .. Enum.GetValues<FailureClass>()
                .Except(all.Select(one => one.Shows))
                .Select(failure => $"{failure.Name()}: no mistake shows it"),
        ];
        string[] blind =
        [
            .. DetectorTrial.Untested(run.Catalogue, run.Seed, run.Cancellation)
                .Select(detector => $"{detector.Name} is untested: no race of its module fails by it"),
        ];
        bool isWhole = outcomes.Count == all.Count && !run.Cancellation.IsCancellationRequested;
        return new SectionResult(
            outcomes.Count,
            "classes of failure, each with its mistake and without (starvation by verify only)",
            [.. missing, .. blind, .. outcomes.SelectMany(problems => problems)],
            isWhole);
    }

    private static string[] Check(DetectorCase one, SelfcheckRun run)
    {
        var problems = new List<string>();
        if (one.Shows != FailureClass.Starvation)
        {
            CheckClass(one.Wrong, one.Shows, "explore", Explore(one.Wrong, ExecutionsToFind, run), problems);
            CheckClass(one.Right, null, "explore", Explore(one.Right, ExecutionsOfRight, run), problems);
        }

        CheckClass(one.Wrong, one.Shows, "verify", Verify(one.Wrong, run, isRight: false, problems), problems);
        CheckClass(one.Right, null, "verify", Verify(one.Right, run, isRight: true, problems), problems);
        return [.. problems];
    }

    private static void CheckClass(
        Experiment experiment,
        FailureClass? expected,
        string by,
        FailureClass? found,
        List<string> problems)
    {
        if (found != expected)
            problems.Add(
                $"{Subject.Of(experiment)}: {by} must report {expected?.Name() ?? "nothing"}, and reports "
                + $"{found?.Name() ?? "nothing"}");
    }

    private static FailureClass? Explore(Experiment experiment, int executions, SelfcheckRun run)
    {
        var options = new ExplorerOptions { Executions = executions, WarmUpSteps = 0 };
        ExplorationReport report = new Explorer(experiment.Boot, () => new RandomWalkStrategy(run.Seed), options).Run(
            run.Cancellation);
        if (report.First is not { } failed)
            return null;

        run.Replays.Check(experiment, "explore", failed.Finding.Class, failed.Schedule, failed.Loop);
        return failed.Finding.Class;
    }

    /// <summary>
    /// What a proof says: the class of its counterexample, or starvation, which is a remark and no failure.
    /// </summary>
    private static FailureClass? Verify(Experiment experiment, SelfcheckRun run, bool isRight, List<string> problems)
    {
        var options = new VerifierOptions { Fusion = true, ShortestWay = false };
        VerificationReport report = new Verifier(experiment.Boot(), options) { Boot = experiment.Boot }.Run(
            run.Cancellation);
        if (isRight && report.Verdict != Verdict.Verified)
            problems.Add($"{Subject.Of(experiment)}: verify must say verified, and says {report.Verdict.Name()}");

        Lasso? starvation = report.Progress?.Starvation;
        if (report.Counterexample is { } failed)
        {
            run.Replays.Check(experiment, "verify", failed.Finding.Class, failed.Schedule, failed.Loop);
            return failed.Finding.Class;
        }

        if (starvation is null)
            return null;

        Transition[] endless = [.. starvation.Stem, .. starvation.Loop];
        run.Replays.Check(experiment, "verify", FailureClass.Starvation, endless, starvation.Loop.Length);
        return FailureClass.Starvation;
    }
}
