using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>A trace as it stands in JSON.</summary>
internal static class TraceReport
{
    internal static TraceStepReport[] Describe(ExecutionTrace trace) =>
        [.. trace.Steps.Select(step => Describe(step, trace.Contexts))];

    private static TraceStepReport Describe(TraceStep step, IReadOnlyList<string> contexts) => new(
        step.Number,
        step.Transition.ToString(),
        step.Context,
        contexts[step.Context],
        step.Cpu < 0 ? null : step.Cpu,
        [.. step.Operations.Select(Describe)]);

    private static TraceOperationReport Describe(TraceOperation operation) => new(
        operation.Text,
        operation.Kind == default ? null : operation.Kind.ToString(),
        operation.IsFused,
        operation.Result,
        [.. operation.Calls.Select(Describe)],
        [.. operation.Changes.Select(Describe)],
        [.. operation.Woken]);

    private static TraceCallReport Describe(KernelCall call) =>
        new(call.Function, call.Source?.File, call.Source?.Path, call.Source?.Line);

    private static TraceChangeReport Describe(MemoryChange change) => new(
        change.Name, change.Region, change.Role.ToString(), change.Before, change.After, [.. change.Words]);
}

/// <summary>A step of a trace.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Transition">What was chosen, as schedules write it.</param>
/// <param name="Context">Whom it concerns: a task, or behind the tasks an interrupt on a CPU.</param>
/// <param name="Name">The context's name.</param>
/// <param name="Cpu">The CPU that it happens on; null if on none.</param>
/// <param name="Operations">What has happened in it, in order.</param>
internal sealed record TraceStepReport(
    int Step, string Transition, int Context, string Name, int? Cpu, TraceOperationReport[] Operations);

/// <summary>An operation of a step, or plain code of it that has changed something.</summary>
/// <param name="Text">What was done; empty for plain code.</param>
/// <param name="Kind">The kind of operation; null for plain code, and for transitions that are no steps.</param>
/// <param name="Fused">It was performed without a scheduling point in front of it.</param>
/// <param name="Result">What it has yielded, in words; empty if nothing.</param>
/// <param name="Calls">
/// Where it was done, innermost first; empty if it was not done by kernel code.
/// </param>
/// <param name="Changes">All that it has changed in the machine's memory.</param>
/// <param name="Woken">The tasks that it has woken.</param>
internal sealed record TraceOperationReport(
    string Text,
    string? Kind,
    bool Fused,
    string Result,
    TraceCallReport[] Calls,
    TraceChangeReport[] Changes,
    int[] Woken);

/// <summary>
/// A kernel function that had not returned, and the line at which it stood; null if that is not known.
/// </summary>
internal sealed record TraceCallReport(string Function, string? File, string? Path, int? Line);

/// <summary>A word of memory, or a wait queue, that was changed: in words, and word by word as numbers.</summary>
internal sealed record TraceChangeReport(
    string Name, string Region, string Role, string Before, string After, WordChange[] Words);
