namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>Something that a context does in one step; <see cref="OperationTable"/> says what its parts mean.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Target">The lock, queue, word or place that it concerns; 0 if nothing.</param>
/// <param name="Argument">What its kind says.</param>
/// <param name="Second">What its kind says.</param>
public readonly record struct Operation(OperationKind Kind, int Target = 0, int Argument = 0, int Second = 0);

/// <summary>An operation that a context has performed.</summary>
/// <param name="Operation">What was performed.</param>
/// <param name="Result">What it has yielded.</param>
/// <param name="IsFused">It was performed without stopping in front of it.</param>
public readonly record struct PerformedOperation(Operation Operation, long Result = 0, bool IsFused = false)
{
    /// <summary>What it does.</summary>
    public OperationKind Kind => Operation.Kind;
}
