using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Searches the shortest ways to violations once more, for one with the fewest preemptions.</summary>
/// <remarks>
/// Every state on a shortest way to a violation is as far from the start as the search found it, or there were a
/// shorter way. So only transitions from one level to the next are followed, and what is searched are pairs of a state
/// and of who has stepped last: those without a preemption first, then those with one, and so on (E. Dijkstra, 1959),
/// so that the first violation has the fewest. Which one that is depends on the order of enabled transitions alone. It
/// is another way to what is known to be wrong, and is replayed; so it can be missed, but cannot make a verdict wrong.
/// </remarks>
internal sealed class FewestPreemptions
{
    private readonly StateStepper _stepper;
    private readonly Machine _machine;
    private readonly SharedSearch _search;
    private readonly int _waysMax;
    private readonly int _level; // Of the states that are wrong, or that the last transition leaves.
    private readonly bool _isInState;
    private readonly Queue<int>[] _ways; // By the number of preemptions.
    private readonly List<Way> _all = [];
    private readonly List<State> _states = [];
    private readonly List<byte> _packed = [];
    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly Dictionary<(int State, LastRunner Last), int> _fewest = []; // Preemptions on the ways to a pair.
    private readonly List<(int Preemptions, LastRunner Last)> _tried = []; // What goes with each successor.
    private readonly Successors _expanded;
    private readonly Transition[] _enabled;
    private readonly byte[] _encoded;
    private (int Preemptions, int Parent, Transition? Last)? _found;

    /// <param name="stepper">A machine that nobody else uses now.</param>
    /// <param name="search">The search that found the violation.</param>
    /// <param name="violation">It.</param>
    /// <param name="preemptions">Look for ways with fewer than these.</param>
    /// <param name="waysMax">Give up after so many.</param>
    internal FewestPreemptions(
        StateStepper stepper,
        SharedSearch search,
        Violation violation,
        int preemptions,
        int waysMax)
    {
        _stepper = stepper;
        _machine = stepper.Machine;
        _search = search;
        _waysMax = waysMax;
        _level = search.Tree.LevelOf(violation.State);
        _isInState = violation.Transition is null;
        _ways = [.. Enumerable.Range(0, preemptions).Select(_ => new Queue<int>())];
        _expanded = new Successors(_machine.Memory.Length, _machine.Tasks.Contexts);
        _enabled = new Transition[_machine.Image.TransitionsMax];
        _encoded = new byte[stepper.BytesMax];
    }

    /// <summary>
    /// The transitions of the way, as the search names contexts; null if there is none, or none was found soon enough.
    /// </summary>
    internal Transition[]? Find(CancellationToken cancellation)
    {
        if (_ways.Length == 0)
            return null;

        _stepper.Runs.Boot();
        int length = _stepper.EncodeStart(_encoded, out UInt128 hash);
        Add(-1, default, 0, NumberOf(hash, _encoded.AsSpan(0, length), 0), LastRunner.Nobody);
        for (int preemptions = 0; preemptions < _ways.Length; preemptions++)
        {
            while (_found?.Preemptions != preemptions && _ways[preemptions].TryDequeue(out int way))
            {
                if (_all.Count > _waysMax || cancellation.IsCancellationRequested)
                    return null;

                if (_fewest[(_all[way].State, _all[way].Last)] == preemptions)
                    Expand(way, preemptions);
            }

            if (_found is { } found && found.Preemptions == preemptions)
                return WayTo(found.Parent, found.Last);
        }

        return null;
    }

    private void Expand(int way, int preemptions)
    {
        State state = _states[_all[way].State];
        _expanded.Begin(_all[way].State, state.Hash);
        _stepper.Restore(CollectionsMarshal.AsSpan(_packed).Slice(state.First, state.Length), _expanded);
        int count = _machine.Enabled().Length;
        _machine.Enabled().CopyTo(_enabled);
        ReadOnlySpan<Transition> enabled = _enabled.AsSpan(0, count);
        if (state.Level == _level && _isInState)
        {
            if (count == 0)
            {
                _stepper.PutStacks(_expanded);
                Conclude(way, preemptions);
            }

            return;
        }

        _tried.Clear();
        foreach (Transition transition in _stepper.Ample(enabled))
        {
            int cost = preemptions + (_all[way].Last.IsPreemptedBy(transition, enabled) ? 1 : 0);
            if (cost >= _ways.Length)
                continue;

            if (_stepper.Try(transition, _expanded) is not null)
                Report(state.Level, cost, way, transition);
            else
                _tried.Add((cost, Renamed(_all[way].Last.After(transition))));
        }

        for (int i = 0; i < _expanded.Count; i++)
            Settle(_expanded[i], way, state.Level + 1, _tried[i].Preemptions, _tried[i].Last);
    }

    private LastRunner Renamed(LastRunner last) =>
        last.Context >= 0 && _stepper.NewNames is { IsEmpty: false } names ? new LastRunner(names[last.Context]) : last;

    private void Settle(Successor successor, int way, int level, int preemptions, LastRunner last)
    {
        int length = _search.IsExact ? _stepper.Encode(_expanded, successor, _encoded) : 0;
        int number = _search.NumberOf(successor.Hash, _encoded.AsSpan(0, length));
        bool isFurther = number < 0 || _search.Tree.LevelOf(number) == level;
        if (!isFurther)
        {
            _stepper.Discard(successor.Top);
            return;
        }

        length = _stepper.Encode(_expanded, successor, _encoded);
        if (level <= _level)
            Add(
                way,
                successor.Transition,
                preemptions,
                NumberOf(successor.Hash, _encoded.AsSpan(0, length), level),
                last);
        else if (_stepper.AskEncoded() is not null)
            Report(level - 1, preemptions, way, successor.Transition);
    }

    private void Conclude(int way, int preemptions)
    {
        _machine.CheckReached();
        if (_machine.Finding is not null)
            Report(_level, preemptions, way, null);

        _stepper.DiscardStacks(); // The deadlock detector may have run the machine on.
    }

    private void Report(int level, int preemptions, int way, Transition? transition)
    {
        if (level == _level && (_found is null || preemptions < _found.Value.Preemptions))
            _found = (preemptions, way, transition);
    }

    private int NumberOf(UInt128 hash, ReadOnlySpan<byte> packed, int level)
    {
        if (_numbers.TryGetValue(hash, out int number))
            return number;

        number = _states.Count;
        _numbers.Add(hash, number);
        _states.Add(new State(hash, _packed.Count, packed.Length, level));
        _packed.AddRange(packed);
        return number;
    }

    private void Add(int parent, Transition transition, int preemptions, int state, LastRunner last)
    {
        ref int fewest = ref CollectionsMarshal.GetValueRefOrAddDefault(_fewest, (state, last), out bool isKnown);
        if (isKnown && fewest <= preemptions)
            return;

        fewest = preemptions;
        _ways[preemptions].Enqueue(_all.Count);
        _all.Add(new Way(state, last, parent, transition));
    }

    private Transition[] WayTo(int way, Transition? last)
    {
        var transitions = new List<Transition>();
        if (last is { } end)
            transitions.Add(end);

        for (; _all[way].Parent >= 0; way = _all[way].Parent)
            transitions.Add(_all[way].Transition);

        transitions.Reverse();
        return [.. transitions];
    }

    private readonly record struct State(UInt128 Hash, int First, int Length, int Level);

    private readonly record struct Way(int State, LastRunner Last, int Parent, Transition Transition);
}
