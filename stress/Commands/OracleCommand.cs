using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Explores standard programs whose executions were counted by brute force, and compares every count.</summary>
internal sealed class OracleCommand() : LabCommand("oracle", "Explore the programs of a file and compare every count with the exact one")
{
    private readonly Argument<string> _path = new("PATH") { Description = "A file of programs with exact counts, like oracle.json" };

    protected override void AddOptions(Command command) => command.Arguments.Add(_path);

    internal override int Run(Session session, ParseResult arguments)
    {
        IReadOnlyList<OracleProgram> programs = Read(arguments.GetValue(_path)!);
        var watch = Stopwatch.StartNew();
        var progress = new ProgressLine(session.Terminal);
        var mismatches = new List<OracleMismatch>();
        int done = 0;
        foreach (OracleProgram program in programs)
        {
            if (session.Cancellation.IsCancellationRequested)
                break;

            progress.Show(() => $"{done} of {programs.Count}: {program.Name}");
            if (OracleCheck.Check(program) is { } mismatch)
                mismatches.Add(mismatch);

            done++;
        }

        progress.Clear();
        foreach (OracleMismatch mismatch in mismatches)
            session.Text.WriteLine($"{mismatch.Program}: {mismatch.What}: expected {mismatch.Expected}, got {mismatch.Got}");

        session.Text.WriteLine($"{done} programs, {mismatches.Count} mismatches; {watch.Elapsed.TotalSeconds:f1} s");
        if (session.Cancellation.IsCancellationRequested)
            session.Text.WriteLine($"  interrupted: {programs.Count - done} programs are left");

        session.WriteJson(new OracleReport(done, mismatches.Count, mismatches.FirstOrDefault()), ReportJson.Default.OracleReport);
        return mismatches.Count > 0 ? ExitCode.Failure : done < programs.Count ? ExitCode.NoAnswer : ExitCode.Clean;
    }

    private static IReadOnlyList<OracleProgram> Read(string path)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder: name a file of programs in it");

        try
        {
            IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(path);
            return programs.Count > 0 ? programs : throw new UsageException($"{path} has no programs, so there is nothing to compare");
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
