using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// As <see cref="PosStrategy"/>, but first among kinds of tasks and then among those of a kind, so that the one task
/// that is different is not lost among many that do the same.
/// </summary>
/// <remarks>
/// Of a kind are tasks of which one did all that the other did to objects that several touch, in the first executions
/// of the chunk. A kind has one priority for all its tasks, drawn and drawn again like that of an operation. Where all
/// tasks are of one kind, or each of its own, this is the other strategy.
/// </remarks>
[Strategy("kinds", "as pos, first among kinds of tasks and then among those of a kind")]
public sealed class KindStrategy(ulong seed) : BiasedStrategy(seed), IPointStrategy
{
    private const int Profiles = 2;

    private readonly TouchedObjects _done = new(); // A bit for each kind of operation.
    private uint[] _priorities = []; // 0: not drawn yet.
    private uint[] _ofKinds = [];
    private int[] _kinds = []; // The first of its kind.
    private bool _isOneKind; // All contexts are.
    private int _executions;

    /// <inheritdoc/>
    public override string Name => "kinds";

    private bool IsProfiling => _executions < Profiles;

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        _done.Clear();
        _executions = 0;
    }

    /// <inheritdoc/>
    public override void End(Machine machine) => _executions++;

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        _done.SizeFor(machine);
        SizeForActors(ref _priorities, FewPriorities.Max);
        SizeForActors(ref _ofKinds);
        SizeForActors(ref _kinds);
        Array.Clear(_priorities);
        Array.Clear(_ofKinds);
        if (_executions == 0)
        {
            for (int actor = 0; actor < _kinds.Length; actor++)
                _kinds[actor] = actor;

            _isOneKind = false;
        }
        else if (_executions == Profiles)
        {
            FindKinds(machine.Tasks.Count);
            _isOneKind = !_kinds.AsSpan(0, machine.Tasks.Contexts).ContainsAnyExcept(0);
        }
    }

    /// <inheritdoc/>
    private protected override void OnForced(in SchedulingPoint point, Transition transition)
    {
        Note(point, transition);
        DrawAgain(ActorOf(transition));
    }

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        if (_isOneKind && point.IsOfFew)
            return PickOfFew(point.Cells!);

        int best = 0;
        uint highestKind = 0;
        uint highest = 0;
        ReadOnlySpan<Transition> enabled = point.Enabled;
        for (int i = 0; i < enabled.Length; i++)
        {
            int actor = ActorOf(enabled[i]);
            uint kind = Drawn(ref _ofKinds[_kinds[actor]]);
            uint priority = Drawn(ref _priorities[actor]);
            if (kind < highestKind || (kind == highestKind && priority <= highest))
                continue;

            (best, highestKind, highest) = (i, kind, priority);
        }

        Transition transition = enabled[best];
        int picked = ActorOf(transition);
        Note(point, transition);
        if (HasOthers(transition))
            best = PickOf(point, picked);

        DrawAgain(picked);
        PendingAccess access = point.AccessOf(transition);
        if (access is { Object: PendingAccess.Nothing, Sleep: SleepPart.None })
            return best;

        foreach (Transition other in enabled)
        {
            if (point.Races(access, other))
                DrawAgain(ActorOf(other));
        }

        return best;
    }

    /// <summary>The same, where all are of one kind and one look is enough.</summary>
    private int PickOfFew(CellLooks cells)
    {
        // Whoever is first draws for the kind, and then for itself.
        Drawn(ref _ofKinds[0]);
        int picked = FewPriorities.DrawHighest(_priorities, (uint)cells.Ready, ref Random);
        ulong racers = cells.RacersWith(cells.AccessOf(picked));
        FewPriorities.Forget(_priorities, (uint)racers | (1u << picked));
        _ofKinds[0] = 0;
        return cells.IndexOf(picked);
    }

    private uint Drawn(ref uint priority)
    {
        if (priority == 0)
            priority = NextUInt32() | 1;

        return priority;
    }

    private void DrawAgain(int actor)
    {
        _priorities[actor] = 0;
        _ofKinds[_kinds[actor]] = 0;
    }

    private void Note(in SchedulingPoint point, Transition transition)
    {
        if (!IsProfiling || _done.FindOrAdd(point, transition) is not (> 0 and var number))
            return;

        _done[number][transition.Subject] |= 1 << (int)point.KindOf(transition.Subject);
    }

    private void FindKinds(int tasks)
    {
        for (int task = 0; task < tasks; task++)
        {
            int first = 0;
            while (_kinds[first] != first || !(DidAll(first, task) || DidAll(task, first)))
                first++;

            _kinds[task] = first;
            for (int number = 1; number <= _done.Count; number++)
                _done[number][first] |= _done[number][task];
        }
    }

    /// <summary>Whether one has done to shared objects all that another one has.</summary>
    private bool DidAll(int one, int other)
    {
        for (int number = 1; one != other && number <= _done.Count; number++)
        {
            if ((_done[number][other] & ~_done[number][one]) != 0 && _done.IsShared(number))
                return false;
        }

        return true;
    }
}
