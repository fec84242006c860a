using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>Events in one line each, for the forms that have no room for more.</summary>
internal static class Wording
{
    internal static string Of(TraceEvent happened, ExecutionTrace trace) => happened.Kind switch
    {
        TraceEventKind.Enter => $"{happened.Text}()",
        TraceEventKind.Leave => $"{happened.Text}() returns {happened.Result}".TrimEnd(),
        TraceEventKind.Wake => $"wakes {trace.Contexts[happened.Woken]}",
        TraceEventKind.Write => $"{happened.Change}",
        TraceEventKind.Bug => $"BUG {happened.Text}",
        _ => happened.Result.Length > 0 ? $"{happened.Text}: {happened.Result}" : happened.Text,
    };

    /// <summary>
    /// Whether a short form shows it: no calls, no locks that are taken and given back on the way, and of memory what
    /// the kernel shares, but not the words of locks, of which operations speak.
    /// </summary>
    internal static bool IsShort(TraceEvent happened) => happened switch
    {
        { Kind: TraceEventKind.Enter or TraceEventKind.Leave } => false,
        { Operation: { IsFused: true, Kind: OperationKind.Acquire or OperationKind.Release } } => false,
        { Change: { } change } => change is { Role: RegionRole.Kernel, Before: not "free", After: not "free" },
        _ => true,
    };

    /// <summary>What a step begins with.</summary>
    internal static string First(TraceStep step, ExecutionTrace trace) =>
        step.Events.FirstOrDefault(happened => happened.Kind == TraceEventKind.Operation) is { } first
            ? Of(first, trace)
            : "";

    /// <summary>The innermost function and line of an event, if it is known: "kmap_high(), file.cs:43".</summary>
    internal static string Place(TraceEvent happened) => happened switch
    {
        { Function.Length: 0 } => "",
        { Source: null } => $"{happened.Function}()",
        _ => $"{happened.Function}(), {happened.Source}",
    };
}
