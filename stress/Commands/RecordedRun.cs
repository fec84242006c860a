using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Replays a recording of threads on the simulated machine, for people and for programs.</summary>
internal static class RecordedRun
{
    /// <summary>Runs it; 0 if the same happens, 1 if not, 3 if the recording is cut off before it could.</summary>
    internal static int Replay(Session session, string source, string? save)
    {
        Recording recording = session.Read(() => Load(source));
        Experiment experiment = session.Catalogue.Resolve(recording.Experiment) with { Points = SchedulingPoints.All };
        if (recording.Experiment.Build != experiment.Build)
        {
            throw new UsageException(
                $"{source} is from another build ({recording.Experiment.Build:x16}, this is {experiment.Build:x16}): "
                + "what threads did with other code cannot be done again with this; record it anew");
        }

        RecordingReport report = new RecordingReplay(experiment.Boot(), recording).Run();
        Write(session.Text, experiment.Name, recording, report);
        if (save is not null)
            Save(session, save, experiment, recording, report);

        session.WriteJson(Describe(report), ReportJson.Default.ReplayResult);
        bool goesAsFarAsItCan = recording.IsCutOff && report.Divergence is null;
        return goesAsFarAsItCan ? ExitCode.NoAnswer : report.Reproduced ? ExitCode.Clean : ExitCode.Failure;
    }

    private static Recording Load(string source)
    {
        try
        {
            return Product.Recordings.Load(source);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{source} cannot be read: {exception.Message}");
        }
    }

    private static void Write(TextWriter text, string name, Recording recording, RecordingReport report)
    {
        string expected = recording.Experiment.Verdict?.Name() ?? "nothing wrong";
        string steps = Counted.Of(report.Steps, "step");
        if (report.Divergence is { } divergence)
        {
            text.WriteLine(
                $"{name}: not reproduced: the simulated machine leaves the recording after {steps} of "
                + $"{report.StepsOfAll}: {divergence}");
        }
        else if (recording.IsCutOff)
        {
            text.WriteLine(
                $"{name}: the recording is cut off: {steps} of {recording.StepsOfAll} are there, and were done again; "
                + $"the threads showed {expected} after that");
        }
        else if (report.Reproduced)
        {
            text.WriteLine($"{name}: reproduced {expected}, recorded on threads, in {steps} of the simulated machine");
        }
        else
        {
            string got = report.Finding?.Class.Name() ?? "nothing wrong";
            string other = got == expected ? ", but another one" : "";
            text.WriteLine($"{name}: not reproduced: the threads showed {expected}, and {steps} of the simulated "
                + $"machine show {got}{other}");
        }

        WriteFindings(text, recording, report);
    }

    private static void WriteFindings(TextWriter text, Recording recording, RecordingReport report)
    {
        foreach (string line in report.Finding?.Message.Split('\n') ?? [])
            text.WriteLine($"  {line}");

        string recorded = recording.Experiment.Message;
        if (recorded.Length > 0 && report.Finding is { } finding && finding.FirstLine != recorded)
            text.WriteLine($"  on threads it was: {recorded}");

        if (report.Earlier is { } earlier)
            text.WriteLine(
                $"  the simulated machine has found {earlier.Finding.Class.Name()} already at step {earlier.Step}: "
                + earlier.Finding.FirstLine);

        if (report.StepsTried > 0)
            text.WriteLine(
                "  not all that was done is ordered by what was recorded, so other orders were tried: "
                + $"{Counted.Of(report.StepsTried, "step")}, {(report.Reproduced ? "and this is one" : "in vain")}");

        if (report.DifferentWord is { } word)
            text.WriteLine($"  the end is another one: {word}");
        else if (report.WordsCompared > 0)
            text.WriteLine($"  all {report.WordsCompared} words of kernel memory that were compared end as they did");
    }

    private static void Save(
        Session session, string save, Experiment experiment, Recording recording, RecordingReport report)
    {
        Schedule schedule = session.NewSchedule(experiment, Recording.Strategy).With(report.FirstFinding) with
        {
            Seed = recording.Experiment.Seed,
            Transitions = report.Transitions,
        };
        SavedSchedule saved = SavedSchedule.Replace(save, schedule);
        if (saved.Problem is { } problem)
            throw new UsageException($"--save '{save}' cannot be written: {problem}");

        session.Text.WriteLine(
            $"  as a schedule of {Counted.Of(report.Transitions.Length, "transition")}: "
            + $"kmaplab replay {Printable.Argument(save)}");
    }

    private static ReplayResult Describe(RecordingReport report) => new(
        report.Reproduced,
        report.Finding?.Class.Name(),
        report.Finding?.Message,
        report.Steps,
        0,
        report.Divergence is { } reason ? new DivergenceReport(report.Steps + 1, null, [], reason) : null,
        true);
}
