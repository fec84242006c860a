using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Commands;

/// <summary>Replays a recording of threads on the simulated machine, for people and for programs.</summary>
internal static class RecordedRun
{
    /// <summary>
    /// Does its runs again, one after the other; 0 if the same happens, 1 if not, 3 if it is cut off before it could.
    /// </summary>
    internal static int Replay(Session session, string source, string? save)
    {
        using FileStream file = Open(source);
        RecordingReader reader = session.Read(() => Try(source, () => Product.Recordings.ReadFrom(file, source)));
        Experiment experiment = session.Catalogue.Resolve(reader.Experiment) with { Points = SchedulingPoints.All };
        if (reader.Experiment.Build != experiment.Build)
        {
            throw new UsageException(
                $"{source} is from another build ({reader.Experiment.Build:x16}, this is {experiment.Build:x16}): "
                + "what threads did with other code cannot be done again with this; record it anew");
        }

        MachineImage image = experiment.Boot();
        ReplayedRuns runs = Run(session, source, reader, image);
        if (runs.Last is not { } last)
            throw new UsageException(
                $"{source} is cut off before its first step, or holds no run, so there is nothing to replay");

        Write(session.Text, experiment.Name, runs, last);
        if (save is not null)
            Save(session, save, experiment, last.Recording, last.Report);

        session.WriteJson(Describe(last.Report), ReportJson.Default.ReplayResult);
        return last.Report.Divergence is null && runs.IsCutOff ? ExitCode.NoAnswer
            : last.Report.Reproduced ? ExitCode.Clean
            : ExitCode.Failure;
    }

    // Whatever is not as it was ends it.
    private static ReplayedRuns Run(Session session, string source, RecordingReader reader, MachineImage image)
    {
        var runs = new ReplayedRuns(0, 0, false, null);
        while (session.Read(() => Try(source, reader.Next)) is { } recording)
        {
            RecordingReport report = new RecordingReplay(image, recording).Run();
            runs = new ReplayedRuns(runs.Runs + 1, runs.Steps + report.Steps, false, (recording, report));
            if (!report.Reproduced)
                return runs with { IsCutOff = recording.IsCutOff };
        }

        return runs with { IsCutOff = reader.IsCutOff };
    }

    private static FileStream Open(string source) => Try(source, () => File.OpenRead(source));

    private static T Try<T>(string source, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{source} cannot be read: {exception.Message}");
        }
    }

    private static void Write(
        TextWriter text, string name, ReplayedRuns runs, (Recording Recording, RecordingReport Report) last)
    {
        (Recording recording, RecordingReport report) = last;
        string expected = recording.Experiment.Verdict?.Name() ?? "nothing wrong";
        string steps = Counted.Of(runs.Steps, "step");
        string inRun = runs.Runs > 1 ? $" in run {runs.Runs}" : "";
        if (report.Divergence is { } divergence)
        {
            text.WriteLine(
                $"{name}: not reproduced: the simulated machine leaves the recording{inRun} after "
                + $"{Counted.Of(report.Steps, "step")} of {report.StepsOfAll}: {divergence}");
        }
        else if (runs.IsCutOff)
        {
            string ofAll = recording.IsCutOff ? $"; the last run had {recording.StepsOfAll}" : "";
            text.WriteLine(
                $"{name}: the recording is cut off: {Counted.Of(runs.Runs, "run")}, {steps} are there, and were done "
                + $"again{ofAll}; what the threads did after that is lost");
        }
        else if (report.Reproduced)
        {
            string ofRuns = runs.Runs > 1 ? $", {runs.Runs} runs" : "";
            text.WriteLine(
                $"{name}: reproduced {expected}, recorded on threads, in {steps} of the simulated machine{ofRuns}");
        }
        else
        {
            string got = report.Finding?.Class.Name() ?? "nothing wrong";
            string other = got == expected ? ", but another one" : "";
            text.WriteLine(
                $"{name}: not reproduced{inRun}: the threads showed {expected}, and {Counted.Of(report.Steps, "step")} "
                + $"of the simulated machine show {got}{other}");
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
        Experiment begun = experiment with { Start = recording.Run.Start };
        Schedule schedule = session.NewSchedule(begun, Recording.Strategy).With(report.FirstFinding) with
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

/// <summary>What was done again of a recording.</summary>
/// <param name="Runs">Runs, the last of which may be a part of one.</param>
/// <param name="Steps">Their steps.</param>
/// <param name="IsCutOff">The file ends before it should.</param>
/// <param name="Last">The last one, and what it has shown.</param>
internal sealed record ReplayedRuns(
    int Runs, long Steps, bool IsCutOff, (Recording Recording, RecordingReport Report)? Last);
