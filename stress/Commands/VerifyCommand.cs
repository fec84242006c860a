using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Searches every state of a target, and proves it or finds a shortest way to a failure.</summary>
internal sealed class VerifyCommand() : LabCommand("verify", "Search every interleaving: a proof, or a shortest failing schedule")
{
    private readonly Argument<string> _target = new("TARGET") { Description = "A scenario (kmaplab scenarios) or a race (kmaplab races)" };
    private readonly SizeOptions _size = new();
    private readonly Option<long> _maxStates = NumberOption.Create("--max-states", "States after which to give up", 1L, 2_000_000_000, 1_000_000_000);
    private readonly Option<long> _maxMemory = NumberOption.Create("--max-memory", "MiB that the tables may take; what is still to be searched goes to disk before", 1L, 1 << 20, 4096);
    private readonly Option<long> _livenessStates = NumberOption.Create("--liveness-states", "Check progress too if there are at most so many states (0: do not)", 0L, 100_000_000, 1_000_000);
    private readonly Option<bool> _exact = new("--exact") { Description = "Keep whole states instead of 128-bit hashes" };
    private readonly Option<bool> _depthFirst = new("--depth-first") { Description = "Search depth first: failures are not the shortest" };
    private readonly Option<bool> _noSymmetry = new("--no-symmetry") { Description = "Tell apart tasks and pages that differ only in their names" };
    private readonly Option<bool> _noFusion = new("--no-fusion") { Description = "Stop also where no other CPU can observe it" };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        foreach (Option option in (Option[])[_maxStates, _maxMemory, _livenessStates, _exact, _depthFirst, _noSymmetry, _noFusion])
            command.Options.Add(option);

        _size.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        string target = arguments.GetValue(_target)!;
        Experiment experiment = _size.ResolveProof(session.Catalogue, arguments, target);
        bool fuses = !arguments.GetValue(_noFusion);
        var options = new VerifierOptions
        {
            Jobs = session.Jobs,
            StatesMax = arguments.GetValue(_maxStates),
            MemoryMax = arguments.GetValue(_maxMemory) << 20,
            IsExact = arguments.GetValue(_exact),
            IsDepthFirst = arguments.GetValue(_depthFirst),
            Symmetry = !arguments.GetValue(_noSymmetry),
            SpillDirectory = Path.Combine(session.Out, "spill"),
        };
        session.PrepareOut();

        var watch = Stopwatch.StartNew();
        VerificationReport report = Search(session, target, experiment with { Fusion = fuses }, options);
        double seconds = watch.Elapsed.TotalSeconds;
        LivenessResult? liveness = report.Verdict == Verdict.Verified
            ? CheckLiveness(session, experiment, options, arguments.GetValue(_livenessStates))
            : null;

        string name = arguments.GetValue<string?>("--variant") is { } variant ? $"{target}+{variant}" : target;
        FailureReport? failure = report.Verdict == Verdict.Violated ? Save(session, name, experiment, fuses, options, report) : null;
        VerifyText.Write(session.Text, name, SizeText.Of(experiment), report, liveness, failure, seconds);
        if (report.Verdict == Verdict.Verified && SizeText.Claim(experiment) is { } claim)
            session.Text.WriteLine($"  proved {claim}");

        session.WriteJson(
            new VerifyReport(
                target, SizeText.Of(experiment), report.Verdict.ToString().ToLowerInvariant(), report.States, report.Transitions, report.Deadlocks, report.MaxDepth,
                seconds, report.Transitions / seconds, (double)report.TableBytes / report.States, report.SpilledBytes, report.OmissionProbability,
                fuses, options.Symmetry, report.Reason, liveness, failure),
            ReportJson.Default.VerifyReport);
        return report.Verdict switch
        {
            Verdict.Verified => ExitCode.Clean,
            Verdict.Violated => ExitCode.Failure,
            _ => ExitCode.NoAnswer,
        };
    }

    private static VerificationReport Search(Session session, string target, Experiment experiment, VerifierOptions options)
    {
        var progress = new ProgressLine(session.Terminal);
        var watch = Stopwatch.StartNew();
        var verifier = new Verifier(experiment.Boot(), options)
        {
            Progress = (states, transitions) => progress.Show(() =>
                $"{target}: {states} states, {transitions} transitions, {transitions / watch.Elapsed.TotalSeconds / 1e6:f1} M/s"),
        };
        VerificationReport report = verifier.Run(session.Cancellation);
        progress.Clear();
        return report;
    }

    /// <summary>Progress needs the whole graph with every task under its own name, so it is a search of its own.</summary>
    private static LivenessResult? CheckLiveness(Session session, Experiment experiment, VerifierOptions options, long statesMax)
    {
        if (statesMax == 0)
            return null;

        var graphOptions = options with { Liveness = true, StatesMax = statesMax, IsDepthFirst = false, IsExact = false };
        MachineImage image = (experiment with { Fusion = true }).Boot();
        VerificationReport report = new Verifier(image, graphOptions).Run(session.Cancellation);
        if (report.Liveness is not { } liveness)
            return new LivenessResult(false, $"not checked: {report.Reason ?? "the graph was not built"}", null, null, 0, 0, null);

        if (liveness.Trap is { } trap)
            return new LivenessResult(true, $"task {trap.Task} can get to where it can never finish its operation, after {trap.Schedule.Length} steps", trap.Task, null, 0, 0, null);

        if (liveness.Starvation is not { } lasso)
            return new LivenessResult(true, "every task can always finish, and no fair run starves one", null, null, 0, 0, null);

        Transition[] stem = Verifier.Unfused(image, lasso.Stem);
        Transition[] run = Verifier.Unfused(image, [.. lasso.Stem, .. lasso.Loop]);
        var finding = new Finding(FailureClass.Starvation, $"task {lasso.Task} is woken for ever and never finishes");
        Schedule schedule = experiment.NewSchedule("verify", session.Seed).With(finding);
        schedule = schedule with { Transitions = run, Loop = run.Length - stem.Length };
        string path = Path.Combine(session.Out, $"{experiment.Name}-starvation.schedule");
        ScheduleFile.Save(path, schedule);
        return new LivenessResult(
            true,
            $"every task can always finish, but a fair run exists in which task {lasso.Task} is woken for ever and never finishes (barging)",
            null,
            lasso.Task,
            stem.Length,
            run.Length - stem.Length,
            path);
    }

    private static FailureReport Save(Session session, string name, Experiment experiment, bool fuses, VerifierOptions options, VerificationReport report)
    {
        MachineImage image = experiment.Boot();
        (Finding finding, Transition[] schedule) = (report.Counterexample!.Finding, report.Counterexample.Schedule);
        if (fuses)
        {
            // Shortest in steps of everybody's machine, which stops at more places. Such failures are near the start.
            VerificationReport plain = new Verifier(image, options).Run(session.Cancellation);
            (finding, schedule) = plain.Counterexample is { } shortest
                ? (shortest.Finding, shortest.Schedule)
                : (finding, Verifier.Unfused((experiment with { Fusion = true }).Boot(), schedule));
        }

        return FailureWriter.Save(
            session.Out, name, image, experiment.NewSchedule("verify", session.Seed).With(finding) with { Transitions = schedule }, finding);
    }
}
