using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Picks, at each scheduling point, one of the enabled transitions.</summary>
/// <remarks>A worker has a strategy of its own. Strategies neither log, nor count, nor stop: they choose.</remarks>
public abstract class SearchStrategy
{
    /// <summary>What <see cref="Choose"/> returns to end the execution here.</summary>
    public const int Stop = -1;

    /// <summary>The name by which users ask for it.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Prepares for an execution, by its number from 1: what it picks may depend on the seed and this number only.
    /// </summary>
    public abstract void Begin(long execution);

    /// <summary>
    /// The index of the transition to perform next, among those that are enabled; or <see cref="Stop"/>.
    /// </summary>
    public abstract int Choose(in SchedulingPoint point);
}

/// <summary>A moment at which somebody must choose.</summary>
/// <param name="machine">The machine, for looking at.</param>
/// <param name="enabled">The transitions to choose from: at least one.</param>
/// <param name="step">The number of transitions performed so far.</param>
public readonly ref struct SchedulingPoint(Machine machine, ReadOnlySpan<Transition> enabled, int step)
{
    /// <summary>The machine, for looking at.</summary>
    public Machine Machine { get; } = machine;

    /// <summary>The transitions to choose from: at least one, in a fixed order.</summary>
    public ReadOnlySpan<Transition> Enabled { get; } = enabled;

    /// <summary>The number of transitions performed so far.</summary>
    public int Step { get; } = step;
}
