using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands.Proofs;

/// <summary>Searches every state of a target, and proves it or finds a shortest way to a failure.</summary>
internal sealed class VerifyCommand()
    : LabCommand("verify", "Search every interleaving: a proof, or a shortest failing schedule")
{
    private readonly Argument<string> _target = new("TARGET")
    {
        Description = "A scenario (kmaplab scenarios) or a race (kmaplab races)",
    };
    private readonly SizeOptions _size = new();
    private readonly Option<long> _maxStates = NumberOption.Create(
        "--max-states",
        "States after which to give up",
        1L,
        2_000_000_000,
        1_000_000_000);
    private readonly Option<long?> _maxMemory = NumberOption.CreateOptional<long>(
        "--max-memory",
        "MiB that the tables may take; the rest goes to disk (half of what the process may use)",
        1,
        1 << 20);
    private readonly Option<long?> _maxDisk = NumberOption.CreateOptional<long>(
        "--max-disk",
        "MiB on disk that the search may take; 0: none (half of what is free)",
        0,
        1 << 30);
    private readonly Option<long> _livenessStates = NumberOption.Create(
        "--liveness-states",
        "Prove progress too if there are at most so many states (0: do not)",
        0L,
        500_000_000,
        10_000_000);
    private readonly Option<bool> _exact = new("--exact")
    {
        Description = "Keep whole states instead of 128-bit hashes",
    };
    private readonly Option<bool> _depthFirst = new("--depth-first")
    {
        Description = "Search depth first: failures are not the shortest",
    };
    private readonly Option<bool> _noSymmetry = new("--no-symmetry")
    {
        Description = "Tell apart tasks and pages that differ only in their names",
    };
    private readonly Option<bool> _noFusion = new("--no-fusion")
    {
        Description = "Stop also where no other CPU can observe it",
    };

    private readonly KeptSearch _kept = new();
    private readonly MemoSwitches _memo = new();
    private readonly Minimization _minimization = new();
    private readonly FailurePage _page = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        foreach (
            Option option in (Option[])
                [_maxStates, _maxMemory, _maxDisk, _livenessStates, _exact, _depthFirst, _noSymmetry, _noFusion])
            command.Options.Add(option);

        _kept.AddTo(command);
        _memo.AddTo(command);
        _minimization.AddTo(command);
        _page.AddTo(command);
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
            IsExact = arguments.GetValue(_exact),
            IsDepthFirst = arguments.GetValue(_depthFirst),
            Fusion = fuses,
            Symmetry = !arguments.GetValue(_noSymmetry),
            Progress = arguments.GetValue(_livenessStates) > 0,
            ProgressStatesMax = (int)arguments.GetValue(_livenessStates),
            SpillDirectory = Path.Combine(session.Out, "spill"),
            MayRunForEver = !experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds)
                || experiment.Size.Rounds is ScenarioSize.Forever or ScenarioSize.AnyRounds,
            DiskMax = arguments.GetValue(_maxDisk) << 20,
            Memo = _memo.Read(arguments),
        };
        if (arguments.GetValue(_maxMemory) is { } memory)
            options = options with { MemoryMax = memory << 20 };

        session.PrepareOut();
        using Checkpoint? checkpoint =
            _kept.Open(session, arguments, experiment, canBeKept: options is { IsExact: false, IsDepthFirst: false });
        options = options with { Checkpoint = checkpoint };

        var watch = Stopwatch.StartNew();
        VerificationReport report = Search(session, target, experiment, options);
        double seconds = watch.Elapsed.TotalSeconds;
        string name = arguments.GetValue<string?>("--variant") is { } variant ? $"{target}+{variant}" : target;
        FailureReport? failure = report.Verdict == Verdict.Violated
            ? Save(session, name, experiment, report.Counterexample!, arguments)
            : null;
        if (report.Verdict != Verdict.Inconclusive)
            checkpoint?.Remove();

        string? kept = checkpoint is { IsKept: true } ? checkpoint.FilePath : null;
        LivenessResult? liveness = report.Progress is { } progress ? Describe(session, experiment, progress) : null;
        VerifyText.Write(
            session.Text,
            name,
            SizeText.Of(experiment),
            report,
            liveness,
            failure,
            seconds,
            kept,
            session.ModuleOptions);
        if (report.Verdict.IsVerified() && SizeText.Claim(experiment) is { } claim)
            session.Text.WriteLine($"  proved {claim}");

        session.WriteJson(
            new VerifyReport(
                target,
                SizeText.Of(experiment),
                report.Verdict.Name(),
                report.States,
                report.Transitions,
                report.Deadlocks,
                report.MaxDepth,
                seconds,
                (report.Transitions - report.TransitionsBefore) / seconds,
                report.States == 0 ? null : (double)report.TableBytes / report.States,
                report.SpilledBytes,
                report.OmissionProbability,
                fuses,
                options.Symmetry,
                report.Reason,
                kept,
                liveness,
                failure,
                SizeText.Json(experiment)),
            ReportJson.Default.VerifyReport);
        return report.Verdict == Verdict.Violated ? ExitCode.Failure
            : report.Verdict.IsVerified() ? ExitCode.Clean
            : ExitCode.NoAnswer;
    }

    private static VerificationReport Search(
        Session session,
        string target,
        Experiment experiment,
        VerifierOptions options)
    {
        var progress = new ProgressLine(session.Terminal);
        var watch = Stopwatch.StartNew();
        var verifier = new Verifier(experiment.Boot(), options)
        {
            Boot = experiment.Boot,
            Warning = warning =>
            {
                progress.Clear();
                session.Terminal.Error.WriteLine($"kmaplab: {target}: {warning}");
            },
            Progress = (states, transitions) =>
                progress.Show(() =>
                    $"{target}: {states} states, {transitions} transitions, "
                    + $"{transitions / watch.Elapsed.TotalSeconds / 1e6:f1} M/s"),
        };
        VerificationReport report = verifier.Run(session.Cancellation);
        progress.Clear();
        return report;
    }

    /// <summary>What is said about progress; the run on which a task starves is kept as a schedule.</summary>
    private static LivenessResult Describe(Session session, Experiment experiment, ProgressReport progress)
    {
        if (progress.WhyNot is { } reason)
            return new LivenessResult(false, $"not proved: {reason}", null, 0, 0, null, null);

        if (progress.Starvation is not { } lasso)
        {
            string starvation = progress.StarvationNotSought is { } why
                ? $"whether a fair run can starve one was not looked for ({why})"
                : "no fair run starves one";
            return new LivenessResult(true, $"every task can always finish, and {starvation}", null, 0, 0, null, null);
        }

        var finding = new Finding(FailureClass.Starvation, $"task {lasso.Task} is woken for ever and never finishes");
        Schedule schedule = session.NewSchedule(experiment, "verify").With(finding) with
        {
            Transitions = [.. lasso.Stem, .. lasso.Loop],
            Loop = lasso.Loop.Length,
        };
        var saved = SavedSchedule.Save(session.Out, $"{experiment.Name}-starvation", schedule);
        return new LivenessResult(
            true,
            $"every task can always finish, but a fair run exists in which task {lasso.Task} is woken for ever and "
            + "never finishes (barging)",
            lasso.Task,
            lasso.Stem.Length,
            lasso.Loop.Length,
            saved.Path,
            saved.Problem);
    }

    private FailureReport Save(
        Session session, string name, Experiment experiment, Counterexample found, ParseResult arguments)
    {
        Schedule failed = session.NewSchedule(experiment, "verify").With(found.Finding) with
        {
            Transitions = found.Schedule,
            Loop = found.Loop,
        };
        var counter = new PreemptionCounter();
        new Execution(new Machine(experiment.Boot()), observers: counter).Follow(new ReplayStrategy(found.Schedule));
        FailureReport saved = FailureWriter.Save(session.Out, name, failed, found.Finding, counter.Preemptions);
        saved = saved with { IsShortest = found.IsShortest };
        if (_minimization.IsWanted(arguments))
            saved = Minimization.Add(
                saved, session, name, experiment, found.Finding.Class, found.Schedule, found.Loop);

        return _page.IsWanted(arguments) ? FailurePage.Add(saved, session, failed) : saved;
    }
}
