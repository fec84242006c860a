namespace Kmaplab.Scheduler.Detection;

/// <summary>What is wrong with an execution.</summary>
/// <param name="Class">The class of failure.</param>
/// <param name="Message">What happened to whom, in words; the first line can stand alone.</param>
public sealed record Finding(FailureClass Class, string Message);
