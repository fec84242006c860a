using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>What strategies that prefer somebody have in common.</summary>
/// <remarks>
/// Who acts is a context, be it stepped or given a CPU, or a CPU that answers a TLB flush. Interrupts and preemptions
/// have weights of their own: at a point where they can happen they do so with a rate that is drawn for each execution,
/// as at every point, or never, is not what hardware does. An execution with very many choices goes on as a random
/// walk, so that nobody starves for ever.
/// </remarks>
public abstract class BiasedStrategy(ulong seed) : SearchStrategy
{
    internal const int FairAfter = 4096; // Points with a choice.

    private const int FirstGuess = 64; // Of how many of them there will be.
    private const int Rates = 3; // 1/2, 1/4, 1/8.

    private const int RateMax = 4; // In eighths.

    private Pcg32 _random;
    private int _longest;
    private int _rate;
    private bool _isPrepared;
    private int _contexts;
    private Transition[] _calm = new Transition[64];
    private int[] _places = new int[64];

    /// <summary>Actors are numbered below this: the contexts of the machine, and after them its CPUs.</summary>
    protected int Actors { get; private set; }

    /// <summary>The number of this point, from 1, among those of the execution that have a choice.</summary>
    protected int Points { get; private set; }

    /// <summary>The most of them in an execution of this chunk; a guess at first.</summary>
    protected int Length => _longest == 0 ? FirstGuess : _longest;

    /// <summary>Whether it picks preemptions itself.</summary>
    protected virtual bool PicksPreemptions => false;

    /// <summary>Whether it looks at the list of what is enabled; if not, it counts and picks by number.</summary>
    protected virtual bool Lists => true;

    /// <inheritdoc/>
    public override void Forget() => (_longest, Points) = (0, 0);

    /// <inheritdoc/>
    public override void Begin(long execution)
    {
        _random = new Pcg32(seed, (ulong)execution);
        _longest = Math.Max(_longest, Math.Min(Points, FairAfter));
        _isPrepared = false;
        Points = 0;
    }

    /// <inheritdoc/>
    public sealed override int Choose(in SchedulingPoint point)
    {
        if (!_isPrepared)
        {
            _isPrepared = true;
            _contexts = point.Machine.Tasks.Contexts;
            Actors = _contexts + point.Machine.Cpus.Count;
            if (!point.Machine.Image.IsPinned)
                _rate = RateMax >> Next(Rates);

            Prepare(point.Machine);
        }

        if (point.Count == 1)
        {
            OnForced(point, point[0]);
            return 0;
        }

        if (++Points > FairAfter)
            return Next(point.Count);

        if (!point.Machine.Image.IsPinned)
            return PickOrDisturb(point);

        return point.IsListed || !Lists ? Pick(point) : Pick(point.Listed());
    }

    /// <summary>Learns how long executions are from the last one of another strategy.</summary>
    internal void Expect(BiasedStrategy measured) =>
        _longest = Math.Max(_longest, Math.Min(measured.Points, FairAfter));

    /// <summary>An execution begins on this machine.</summary>
    protected abstract void Prepare(Machine machine);

    /// <summary>Picks one of at least two, of which none is an interrupt.</summary>
    protected abstract int Pick(in SchedulingPoint point);

    /// <summary>There is no choice: this is going to happen.</summary>
    protected virtual void OnForced(Machine machine, Transition transition)
    {
    }

    /// <summary>The same, for who asks the point what is going to happen.</summary>
    private protected virtual void OnForced(in SchedulingPoint point, Transition transition) =>
        OnForced(point.Machine, transition);

    /// <summary>A task loses its CPU, and somebody else should get it.</summary>
    protected virtual void OnPreempted()
    {
    }

    /// <summary>A number in 0 .. <paramref name="limit"/>-1, all equally likely.</summary>
    protected int Next(int limit) => _random.Next(limit);

    /// <summary>A number in 0 .. 2^32-1, all equally likely.</summary>
    protected uint NextUInt32() => _random.NextUInt32();

    /// <summary>From what these are drawn.</summary>
    private protected ref Pcg32 Random => ref _random;

    /// <summary>A number of a point at which something is to happen.</summary>
    protected int NextPoint() => 1 + Next(Length);

    /// <summary>An array with a place for each actor; what it holds stays, if it is large enough.</summary>
    protected void SizeForActors<T>(ref T[] array) => SizeForActors(ref array, least: 0);

    /// <summary>The same, with so many places at least.</summary>
    private protected void SizeForActors<T>(ref T[] array, int least)
    {
        int size = Math.Max(Actors, least);
        if (array.Length < size)
            Array.Resize(ref array, size);
    }

    /// <summary>Whether an actor may have several transitions of this kind at once.</summary>
    protected static bool HasOthers(Transition transition) =>
        transition.Kind is TransitionKind.Choose or TransitionKind.Dispatch;

    /// <summary>Who acts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected int ActorOf(Transition transition) => transition.Kind == TransitionKind.Step
        ? transition.Subject // Which nearly all are.
        : ActorOfOther(transition);

    /// <summary>
    /// One of the transitions of an actor, who has at least one: outcomes and CPUs are equally likely.
    /// </summary>
    protected int PickOf(in SchedulingPoint point, int actor)
    {
        int count = 0;
        int picked = -1;
        for (int i = 0; i < point.Enabled.Length; i++)
        {
            if (ActorOf(point.Enabled[i]) == actor && (++count == 1 || Next(count) == 0))
                picked = i;
        }

        return picked;
    }

    private int ActorOfOther(Transition transition) => transition.Kind switch
    {
        TransitionKind.Choose => transition.Subject,
        TransitionKind.Dispatch => transition.Argument,
        _ => _contexts + transition.Subject,
    };

    private int PickOrDisturb(in SchedulingPoint point)
    {
        ReadOnlySpan<Transition> enabled = point.Enabled;
        if (_calm.Length < enabled.Length)
        {
            _calm = new Transition[enabled.Length];
            _places = new int[enabled.Length];
        }

        int calm = 0;
        for (int i = 0; i < enabled.Length; i++)
        {
            if (IsDisturbance(enabled[i]))
                continue;

            _calm[calm] = enabled[i];
            _places[calm++] = i;
        }

        if (calm == enabled.Length)
            return Pick(point);

        if (calm == 0 || Next(2 * RateMax) < _rate)
        {
            int picked = PickDisturbance(enabled, Next(enabled.Length - calm));
            if (enabled[picked].Kind == TransitionKind.Preempt)
                OnPreempted();

            return picked;
        }

        if (calm > 1)
            return _places[Pick(new SchedulingPoint(point.Machine, _calm.AsSpan(0, calm), point.Step))];

        OnForced(point, _calm[0]);
        return _places[0];
    }

    private int PickDisturbance(ReadOnlySpan<Transition> enabled, int number)
    {
        for (int i = 0; ; i++)
        {
            if (IsDisturbance(enabled[i]) && number-- == 0)
                return i;
        }
    }

    private bool IsDisturbance(Transition transition) =>
        transition.Kind == TransitionKind.Interrupt || (transition.Kind == TransitionKind.Preempt && !PicksPreemptions);
}
