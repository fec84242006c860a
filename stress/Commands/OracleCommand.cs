using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Oracle.Reading;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands;

/// <summary>
/// Explores standard programs whose executions were counted by brute force, and compares every count.
/// </summary>
internal sealed class OracleCommand()
    : LabCommand("oracle", "Explore the programs of a file and compare every count with the exact one")
{
    private readonly Argument<string> _path = new("PATH")
    {
        Description = "A file of programs with exact counts, like oracle.json",
    };

    protected override void AddOptions(Command command) => command.Arguments.Add(_path);

    internal override int Run(Session session, ParseResult arguments)
    {
        string path = arguments.GetValue(_path)!;
        IReadOnlyList<OracleProgram> programs = session.Read(() => Read(path));
        var watch = Stopwatch.StartNew();
        var progress = new ProgressLine(session.Terminal);
        var outcomes = new List<OracleOutcome>();
        int done = 0;
        foreach (OracleProgram program in programs)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"{done} of {programs.Count}: {Printable.Of(program.Name)}");
            try
            {
                outcomes.Add(OracleCheck.Check(program, session.Cancellation));
                done++;
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        progress.Clear();
        foreach (OracleOutcome outcome in outcomes)
            Tell(session.Text, outcome);

        OracleMismatch[] mismatches = [.. outcomes.SelectMany(outcome => outcome.Mismatches)];
        OracleGap[] gaps = [.. outcomes.SelectMany(outcome => outcome.NotCompared)];
        int inPart = outcomes.Count(outcome => outcome.NotCompared.Count > 0);
        string parts = inPart > 0 ? $", {inPart} compared only in part" : "";
        session.Text.WriteLine(
            $"{Counted.Of(done, "program")}, {Counted.Of(mismatches.Length, "mismatch", "mismatches")}{parts}; "
            + $"{watch.Elapsed.TotalSeconds:f1} s");
        if (session.Cancellation.IsCancellationRequested)
            session.Text.WriteLine(
                $"  interrupted: {Counted.Of(programs.Count - done, "program")} "
                + $"{(programs.Count - done == 1 ? "is" : "are")} left");

        var report = new OracleReport(done, mismatches.Length, mismatches.FirstOrDefault(), mismatches, inPart, gaps);
        session.WriteJson(report, ReportJson.Default.OracleReport);
        if (mismatches.Length > 0)
            return ExitCode.Failure;

        return done < programs.Count || Array.Exists(gaps, gap => gap.GaveUp) ? ExitCode.NoAnswer : ExitCode.Clean;
    }

    private static void Tell(TextWriter text, OracleOutcome outcome)
    {
        foreach (OracleMismatch mismatch in outcome.Mismatches)
            text.WriteLine(
                $"{Printable.Of(mismatch.Program)}: {mismatch.What}: expected {mismatch.Expected}, got {mismatch.Got}");

        foreach (OracleGap gap in outcome.NotCompared)
            text.WriteLine($"{Printable.Of(gap.Program)}: not compared: {string.Join(", ", gap.What)}: {gap.Why}");
    }

    private static IReadOnlyList<OracleProgram> Read(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder: name a file of programs in it");

        try
        {
            IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(path);
            return programs.Count > 0
                ? programs
                : throw new UsageException($"{path} has no programs, so there is nothing to compare");
        }
        catch (OracleFormatException exception)
        {
            throw new UsageException(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {exception.Message}");
        }
    }
}
