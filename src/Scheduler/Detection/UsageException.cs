namespace Kmaplab.Scheduler.Detection;

/// <summary>
/// A request that cannot be carried out; the message is one line that says what was wrong and what would be right.
/// </summary>
public sealed class UsageException(string message) : Exception(message);
