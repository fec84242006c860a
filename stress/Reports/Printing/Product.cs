using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>What the program is called, and what it writes begins with.</summary>
internal static class Product
{
    internal const string Name = "kmaplab";

    private const string TokenPrefix = "kmap";

    internal static ScheduleText Texts { get; } = new(Name);

    internal static ScheduleFile Files { get; } = new(Name);

    internal static RecordingFile Recordings { get; } = new(Name);

    internal static ScheduleToken Tokens { get; } = new(Name, TokenPrefix);
}
