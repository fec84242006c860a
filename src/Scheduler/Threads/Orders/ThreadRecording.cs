using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>What the tasks of one run on threads have done, in an order in which one machine can do the same.</summary>
/// <remarks>
/// The order is not that of a clock: it is one that follows the program of each task, and for each object the order in
/// which tasks held it.
/// </remarks>
public sealed record ThreadRecording
{
    /// <summary>
    /// The steps, in order. Behind a step that concerns several objects there is one of kind None for each other one.
    /// </summary>
    public required IReadOnlyList<RecordedStep> Steps { get; init; }

    /// <summary>The number of steps, without those that only say what else one concerns.</summary>
    public int StepCount => Steps.Count(step => step.Kind != OperationKind.None);

    /// <summary>The names of what the steps concern.</summary>
    public required IReadOnlyList<string> Objects { get; init; }

    /// <summary>The task whose last step, which comes last, has found something wrong; -1 if none.</summary>
    public int Finder { get; init; } = -1;

    /// <summary>The words of kernel memory with which it began; none if they were as the machine boots.</summary>
    public IReadOnlyList<NamedWords> Start { get; init; } = [];

    /// <summary>The words of kernel memory in the end, where all tasks have ended; else none.</summary>
    public IReadOnlyList<NamedWords> Words { get; init; } = [];
}

/// <summary>What one task has done in one step.</summary>
/// <param name="Task">The task.</param>
/// <param name="Kind">What it has done; None if this is one more object of the step before.</param>
/// <param name="Object">To what, by its place in the list of names; -1 if to nothing that others share.</param>
/// <param name="Result">What that has yielded.</param>
public readonly record struct RecordedStep(int Task, OperationKind Kind, int Object, int Result);

/// <summary>What was recorded cannot be put in an order, or is not whole.</summary>
public sealed class RecordingException(string message) : Exception(message);
