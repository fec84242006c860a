namespace Kmaplab.Scheduler.Simulation;

/// <summary>An operation that a context has performed.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Target">The lock, queue, word or place that it concerns.</param>
/// <param name="Argument">What its kind says.</param>
/// <param name="Second">What its kind says.</param>
/// <param name="Result">What it has yielded.</param>
/// <param name="IsFused">It was performed without stopping in front of it.</param>
public readonly record struct PerformedOperation(OperationKind Kind, int Target, int Argument, int Second = 0, long Result = 0, bool IsFused = false);
