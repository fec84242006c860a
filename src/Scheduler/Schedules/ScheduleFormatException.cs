namespace Kmaplab.Scheduler.Schedules;

/// <summary>A schedule file or token that cannot be read; the message is one line that says why.</summary>
public sealed class ScheduleFormatException(string message) : Exception(message);
