using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs one schedule again. It succeeds if the same thing happens, failure or not.</summary>
internal sealed class ReplayCommand()
    : LabCommand("replay", "Run a schedule again, from its file or its token; 0 if the same happens, 1 if not")
{
    private readonly Argument<string> _schedule = new("FILE|TOKEN")
    {
        Description = "A schedule file, or the token of one",
    };
    private readonly Option<bool> _trace = new("--trace") { Description = "Show who did what, and what that changed" };

    private readonly Option<string?> _save = new("--save")
    {
        Description = "Of a recording: write what the simulated machine does as a schedule",
        HelpName = "FILE",
    };

    private readonly Option<bool> _source = new("--source")
    {
        Description = "With --trace: show the line of the source in front of each",
    };

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_schedule);
        command.Options.Add(_trace);
        command.Options.Add(_source);
        command.Options.Add(_save);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        bool isTraced = arguments.GetValue(_trace);
        if (arguments.GetValue(_source) && !isTraced)
            throw new UsageException("--source is for a trace: give --trace as well");

        string source = arguments.GetValue(_schedule)!;
        if (Product.Recordings.IsOne(source))
        {
            return isTraced
                ? throw new UsageException(
                    "--trace is for a schedule: save the recording as one with --save, and replay that")
                : RecordedRun.Replay(session, source, arguments.GetValue(_save));
        }

        if (arguments.GetValue(_save) is not null)
            throw new UsageException("--save is for a recording of threads, and this is a schedule already");

        Schedule schedule = session.Read(() => ScheduleSource.Load(source));
        Experiment experiment = session.Catalogue.Resolve(schedule);
        bool isTold = isTraced && schedule.Verdict != FailureClass.Nondeterminism;
        var machine = new Machine((isTold ? experiment.Unoptimized() : experiment).Boot());
        bool isSameBuild = schedule.Build == experiment.Build;
        if (!isSameBuild)
        {
            session.Terminal.Error.WriteLine(
                $"kmaplab: the schedule is from another build ({schedule.Build:x16}, this is {experiment.Build:x16}): "
                + "each step is checked, and the first that no longer fits ends the replay");
        }

        ReplayReport report;
        TraceStepReport[]? steps = null;
        if (isTold)
        {
            ExecutionTrace trace = ExecutionTrace.Record(
                machine,
                schedule.Transitions,
                schedule.Verdict,
                schedule.Loop);
            InterleavingTable.Write(session.Text, trace, arguments.GetValue(_source));
            steps = TraceReport.Describe(trace);
            report = trace.Report;
        }
        else
        {
            report = new Replay(machine).Run(schedule.Transitions, schedule.Verdict, schedule.Loop);
        }

        Write(session.Text, ProgramSource.NameOf(experiment), schedule, report);
        session.WriteJson(Describe(report, isSameBuild) with { Trace = steps }, ReportJson.Default.ReplayResult);
        return report.Reproduced ? ExitCode.Clean : ExitCode.Failure;
    }

    private static void Write(TextWriter text, string name, Schedule schedule, ReplayReport report)
    {
        if (report.Divergence is { } divergence)
        {
            text.WriteLine(
                $"{name}: the replay left its schedule at step {divergence.Step} of {schedule.Transitions.Length}: "
                + $"{divergence.Reason}");
            text.WriteLine(
                $"  enabled: {(divergence.Enabled.Length == 0 ? "nothing" : string.Join(", ", divergence.Enabled))}");
            text.WriteLine(
                "  The scenario or the port has changed since the schedule was recorded, or it is not deterministic.");
            return;
        }

        string expected = schedule.Verdict?.Name() ?? "nothing wrong";
        string got = report.Finding?.Class.Name() ?? "nothing wrong";
        text.WriteLine(
            report.Reproduced
                ? $"{name}: reproduced {got} in {Counted.Of(report.Steps, "step")}, "
                    + $"{Counted.Of(report.Preemptions, "preemption")}"
                : $"{name}: not reproduced: the schedule says {expected}, and this run shows {got} after "
                    + $"{Counted.Of(report.Steps, "step")}");
        foreach (string line in report.Finding?.Message.Split('\n') ?? [])
            text.WriteLine($"  {line}");
    }

    private static ReplayResult Describe(ReplayReport report, bool isSameBuild) =>
        new(
            report.Reproduced,
            report.Finding?.Class.Name(),
            report.Finding?.Message,
            report.Steps,
            report.Preemptions,
            report.Divergence is { } divergence
                ? new DivergenceReport(
                    divergence.Step,
                    divergence.Expected?.ToString(),
                    [.. divergence.Enabled.Select(transition => transition.ToString())],
                    divergence.Reason)
                : null,
            isSameBuild);
}
