using Kmaplab.Scheduler.Coroutines.Source;

namespace Kmaplab.Scheduler.Traces;

/// <summary>
/// The smallest thing that a trace tells, with the function and the line of the source that it happened at. Every
/// picture of an execution is made of these.
/// </summary>
/// <param name="Kind">What sort of thing it is, and so which of the other parts it has.</param>
/// <param name="Context">Who has done it: in a step that lets an interrupt come, its handler too.</param>
/// <param name="Calls">
/// The kernel functions that it happened in and where they stood, innermost first; none if it was not kernel code. For
/// a call or a return the function alone, at its first line.
/// </param>
public sealed record TraceEvent(TraceEventKind Kind, int Context, IReadOnlyList<KernelCall> Calls)
{
    /// <summary>
    /// For a call: the function. For an operation: what was done. Empty for a write, which has a
    /// <see cref="Change"/>.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>What an operation has yielded, or a function has returned or thrown; empty if nothing.</summary>
    public string Result { get; init; } = "";

    /// <summary>The operation; null for others.</summary>
    public TraceOperation? Operation { get; init; }

    /// <summary>What a write has changed; null for others.</summary>
    public MemoryChange? Change { get; init; }

    /// <summary>The task that was woken; negative for others.</summary>
    public int Woken { get; init; } = -1;

    /// <summary>The innermost kernel function that it happened in; empty if it was none.</summary>
    public string Function => Calls is [var innermost, ..] ? innermost.Function : "";

    /// <summary>Where in the source that was; null if nobody knows.</summary>
    public SourceLine? Source => Calls is [var innermost, ..] ? innermost.Source : null;

    /// <summary>An operation, and after it what it has changed and whom it has woken; plain code has no text.</summary>
    internal static IEnumerable<TraceEvent> Of(int context, TraceOperation operation)
    {
        if (operation.Text.Length > 0)
        {
            yield return new TraceEvent(TraceEventKind.Operation, context, operation.Calls)
            {
                Text = operation.Text,
                Result = operation.Result,
                Operation = operation,
            };
        }

        foreach (MemoryChange change in operation.Changes)
            yield return new TraceEvent(TraceEventKind.Write, context, operation.Calls) { Change = change };

        foreach (int task in operation.Woken)
            yield return new TraceEvent(TraceEventKind.Wake, context, operation.Calls) { Woken = task };
    }
}

/// <summary>The kinds of <see cref="TraceEvent"/>.</summary>
public enum TraceEventKind
{
    /// <summary>A kernel function is called; it stands at its first line.</summary>
    Enter,

    /// <summary>An operation, or a transition that is no step.</summary>
    Operation,

    /// <summary>A word of memory has changed, or a wait queue.</summary>
    Write,

    /// <summary>A task has become RUNNING by a wake-up.</summary>
    Wake,

    /// <summary>A kernel function returns; it stands at its first line.</summary>
    Leave,

    /// <summary>A check of the kernel's own has failed.</summary>
    Bug,
}
