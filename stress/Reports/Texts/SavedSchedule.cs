using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports.Texts;

/// <summary>A schedule, or what is told of one, that was to be kept.</summary>
/// <param name="Path">Its file; null if it could not be written.</param>
/// <param name="Problem">Why it could not be; null if it was.</param>
internal sealed record SavedSchedule(string? Path, string? Problem)
{
    /// <summary>
    /// Saves a schedule under a name that no other one has. A disk that is full must not take away what was found.
    /// </summary>
    internal static SavedSchedule Save(string folder, string name, Schedule schedule) =>
        Try(() => Product.Files.SaveNew(folder, FileName(name), schedule));

    /// <summary>Saves a schedule in the place of an older one of the same name.</summary>
    internal static SavedSchedule Replace(string path, Schedule schedule) => Try(() =>
    {
        Product.Files.Save(path, schedule);
        return path;
    });

    /// <summary>Saves a recording in the place of an older one of the same name.</summary>
    internal static SavedSchedule SaveRecording(
        string path, Schedule experiment, IReadOnlyList<ThreadEpoch> runs) => Try(() =>
    {
        Product.Recordings.Save(path, experiment, runs);
        return path;
    });

    /// <summary>A name as files can have it: a program is named by a path and by any text.</summary>
    internal static string FileName(string name)
    {
        string own = name[(name.IndexOf('#', StringComparison.Ordinal) + 1)..];
        return string.Concat(own.Select(letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '+' ? letter : '-'));
    }

    /// <summary>Yields the path that <paramref name="save"/> has written, or why it could not be.</summary>
    internal static SavedSchedule Try(Func<string> save)
    {
        try
        {
            return new SavedSchedule(save(), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new SavedSchedule(null, exception.Message.TrimEnd('.'));
        }
    }
}
