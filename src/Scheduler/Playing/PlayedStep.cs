using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Playing;

/// <summary>A step that was taken by hand.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Transition">What was chosen.</param>
/// <param name="Context">Whom it concerns; negative if a CPU that ran nobody.</param>
/// <param name="Text">What it began with, in words.</param>
public sealed record PlayedStep(int Number, Transition Transition, int Context, string Text)
{
    /// <summary>Where it began, innermost first.</summary>
    public IReadOnlyList<KernelCall> Calls { get; init; } = [];

    /// <summary>Whether it took the turn from a context that could have gone on.</summary>
    public bool IsPreemption { get; init; }

    /// <summary>What it has changed in kernel memory.</summary>
    public IReadOnlyList<MemoryChange> Changes { get; init; } = [];

    /// <summary>The state that it led to, as one value.</summary>
    internal UInt128 State { get; init; }
}
