using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Picks, at each scheduling point, one of the enabled transitions.</summary>
/// <remarks>
/// A worker has a strategy of its own. Strategies neither log, nor count, nor stop: they choose. They may learn from
/// the executions before, of the same chunk only, so that it does not matter who runs which chunk.
/// </remarks>
public abstract class SearchStrategy
{
    /// <summary>What <see cref="Choose"/> returns to end the execution here.</summary>
    public const int Stop = -1;

    /// <summary>Executions of which each may learn from those before it: 1 to 512, 513 to 1024, and so on.</summary>
    public const int ChunkSize = 512;

    /// <summary>The name by which users ask for it.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether each execution is drawn alike and by itself, so that one may conclude from some of them to the next.
    /// </summary>
    public virtual bool IsIndependent => false;

    /// <summary>
    /// Whether how many of its executions fail says how often it shows a failure; not if they return to where others
    /// have failed.
    /// </summary>
    public virtual bool IsRepresentative => true;

    /// <summary>Forgets what executions have taught, as another chunk begins.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>
    /// Prepares for an execution, by its number from 1: what it picks may depend on the seed, this number, and what it
    /// has seen since <see cref="Forget"/>.
    /// </summary>
    public abstract void Begin(long execution);

    /// <summary>
    /// The index of the transition to perform next, among those that are enabled; or <see cref="Stop"/>.
    /// </summary>
    public abstract int Choose(in SchedulingPoint point);

    /// <summary>The execution is over, and the machine stands at its end.</summary>
    public virtual void End(Machine machine)
    {
    }

    /// <summary>Begins an execution, and a chunk if it is the first of one.</summary>
    internal void Start(long execution)
    {
        if (execution % ChunkSize == 1)
            Forget();

        Begin(execution);
    }
}

/// <summary>
/// A strategy that picks uniformly among all that is enabled, and looks at nothing: of one alone it draws no number.
/// </summary>
internal interface IUniformStrategy
{
    /// <summary>From what it draws, for whoever walks in its place.</summary>
    ref Pcg32 Random { get; }
}

/// <summary>
/// A strategy that asks what changes of the point only, and of the machine what never does: so the state need not be in
/// the machine.
/// </summary>
internal interface IPointStrategy;

/// <summary>A moment at which somebody must choose.</summary>
/// <param name="machine">The machine, for looking at.</param>
/// <param name="enabled">The transitions to choose from: at least one.</param>
/// <param name="step">The number of transitions performed so far.</param>
public readonly ref struct SchedulingPoint(Machine machine, ReadOnlySpan<Transition> enabled, int step)
{
    private readonly ReadOnlySpan<Transition> _enabled = enabled;

    /// <summary>A point on a machine that counts what is enabled and lists it only for who wants to see it.</summary>
    internal SchedulingPoint(Machine machine, int count, int step)
        : this(machine, ReadOnlySpan<Transition>.Empty, step) => Count = count;

    /// <summary>
    /// A point of a state that is in cells: what its machine is in is not this state, unless that is compared.
    /// </summary>
    internal SchedulingPoint(CellLooks cells, ReadOnlySpan<Transition> enabled, int step)
        : this(cells.Cells.Machine, enabled, step) => Cells = cells;

    /// <summary>The machine, for looking at.</summary>
    public Machine Machine { get; } = machine;

    /// <summary>Who answers what is asked of the state; null if the machine does.</summary>
    internal CellLooks? Cells { get; }

    /// <summary>
    /// The transitions to choose from: at least one, in a fixed order. On a machine that only counts them they are
    /// listed anew each time, so look once.
    /// </summary>
    public ReadOnlySpan<Transition> Enabled => _enabled.IsEmpty && Count > 0 ? Machine.Enabled() : _enabled;

    /// <summary>How many there are.</summary>
    public int Count { get; } = enabled.Length;

    /// <summary>The number of transitions performed so far.</summary>
    public int Step { get; } = step;

    /// <summary>Whether there is a list, or they are only counted.</summary>
    internal bool IsListed => !_enabled.IsEmpty;

    /// <summary>The same point with a list, for whoever looks at all of them.</summary>
    internal SchedulingPoint Listed() => new(Machine, Enabled, Step);

    /// <summary>One of the transitions to choose from.</summary>
    internal Transition this[int index] => _enabled.IsEmpty ? Machine.EnabledAt(index) : _enabled[index];

    /// <summary>
    /// Whether it is a point in cells, of few contexts, each of which has one transition or none: who asks of them
    /// together need not go through the list.
    /// </summary>
    internal bool IsOfFew => Cells is { IsOfFew: true };

    /// <summary>What one of the transitions is going to touch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PendingAccess AccessOf(Transition transition)
    {
        if (Cells is null)
            return PendingAccess.Of(Machine, transition);

        return transition.Kind == TransitionKind.Step ? Cells.AccessOf(transition.Subject) : PendingAccess.None;
    }

    /// <summary>The index of a transition; -1 if it is not among them.</summary>
    internal int IndexOf(Transition transition)
    {
        if (!IsOfFew)
            return Enabled.IndexOf(transition);

        bool isReady = transition.Kind == TransitionKind.Step && (Cells!.Ready >> transition.Subject & 1) != 0;
        return isReady ? Cells!.IndexOf(transition.Subject) : -1;
    }

    /// <summary>Whether the order of an access and of one of the transitions makes a difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Races(PendingAccess access, Transition transition) => Cells is null
        ? access.RacesWith(Machine, transition)
        : access.RacesWith(AccessOf(transition));

    /// <summary>The kind of operation that a context stands in front of.</summary>
    internal OperationKind KindOf(int context) => Cells?.KindOf(context) ?? Machine.Tasks.Operation(context);

    /// <summary>The point at which a machine stands.</summary>
    internal static SchedulingPoint Of(Machine machine, int step) => Of(machine, step, machine.CountsEnabled);

    /// <summary>The same, for who knows whether it is enough to count.</summary>
    internal static SchedulingPoint Of(Machine machine, int step, bool isCounted) => isCounted
        ? new SchedulingPoint(machine, machine.CountEnabled(), step)
        : new SchedulingPoint(machine, machine.Enabled(), step);
}
