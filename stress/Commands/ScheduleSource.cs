using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

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
            return Product.Files.Load(source);

        return Product.Tokens.LooksLikeToken(source)
            ? Product.Tokens.Parse(source)
            : throw new UsageException(
                $"there is no file '{source}', and it is no token either: "
                + $"tokens begin with '{Product.Tokens.Beginning}'");
    }
}
