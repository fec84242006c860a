using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.CommandLine;

/// <summary>A schedule as users give it: the name of a file, or a token.</summary>
internal static class ScheduleSource
{
    /// <summary>Reads it.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    internal static Schedule Load(string source)
    {
        if (Directory.Exists(source))
            throw new UsageException($"'{source}' is a folder: name a schedule file in it, or paste a token");

        if (File.Exists(source))
            return WithItsProgram(Product.Files.Load(source), source);

        return Product.Tokens.LooksLikeToken(source)
            ? Product.Tokens.Parse(source)
            : throw new UsageException(
                $"there is no file '{source}', and it is no token either: "
                + $"tokens begin with '{Product.Tokens.Beginning}'");
    }

    // The file of programs may be seen from another folder now, or stand beside the schedule with which it was sent.
    private static Schedule WithItsProgram(Schedule schedule, string source)
    {
        const string File = ProgramParametersAttribute.File;
        if (schedule.Scenario != ProgramSource.Scenario || schedule.Parameters.Find(File) is not { Length: > 0 } file)
            return schedule;

        string folder = Path.GetDirectoryName(source) ?? "";
        string beside = Path.Combine(folder, Path.GetFileName(file));
        return !System.IO.File.Exists(file) && System.IO.File.Exists(beside)
            ? schedule with { Parameters = schedule.Parameters.With(File, beside) }
            : schedule;
    }
}
