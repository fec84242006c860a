using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Finds a schedule to a class of failure with the fewest preemptions there can be, and of those one with the fewest
/// steps.
/// </summary>
/// <remarks>
/// A search by costs (E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959) over pairs of a state
/// and the context that has stepped last, because whether the next step is a preemption depends on both. The cost is
/// (preemptions, steps), compared in this order. No reduction is used: what ends it is a limit on the pairs, and then
/// it has proved nothing but that fewer preemptions than it was at do not suffice.
/// </remarks>
internal sealed class LeastSchedule
{
    private static readonly UInt128 s_mixer = UInt128.Parse("210306068529402873165736369884012333109");

    private readonly Machine _machine;
    private readonly FailureClass _failure;
    private readonly MinimizerOptions _options;
    private readonly List<Node> _nodes = [];
    private readonly PriorityQueue<int, (int Preemptions, int Steps, int Number)> _open = new();
    private readonly HashSet<UInt128> _settled = [];
    private readonly Dictionary<UInt128, (int Preemptions, int Steps)> _costs = [];
    private readonly Transition[] _enabled;
    private int _goal = -1;
    private Finding? _finding;
    private (int Preemptions, int Steps) _cheapest; // Of what has shown the failure so far.

    internal LeastSchedule(MachineImage image, FailureClass failure, MinimizerOptions options)
    {
        _machine = new Machine(image, copyOnResume: true);
        _failure = failure;
        _options = options;
        _enabled = new Transition[image.TransitionsMax];
    }

    /// <summary>
    /// No schedule with fewer preemptions shows the failure: as many as the search has got to when it ended.
    /// </summary>
    internal int PreemptionsAtLeast { get; private set; }

    /// <summary>The search came to its end without limits: no schedule at all shows the failure.</summary>
    internal bool IsExhausted => _goal < 0 && _open.Count == 0;

    /// <summary>States that were reached, each counted once for every context that can have stepped last.</summary>
    internal int Visited => _settled.Count;

    /// <summary>The schedule; null if the limits were reached first, or no schedule shows the failure.</summary>
    internal Failing? Find(CancellationToken cancellation)
    {
        _machine.Reset();
        Add(parent: -1, default, LastRunner.Nobody, preemptions: 0, steps: 0);
        while (_goal < 0 && _open.TryDequeue(out int number, out _))
        {
            cancellation.ThrowIfCancellationRequested();
            Node node = _nodes[number];
            if (node.IsGoal)
            {
                _goal = number;
                break;
            }

            if (!_settled.Add(node.Key))
            {
                _nodes[number] = node with { State = null };
                continue;
            }

            PreemptionsAtLeast = node.Preemptions;
            if (_settled.Count > _options.StatesMax || IsTooBig())
                return null;

            Expand(number, node);
            _nodes[number] = node with { State = null }; // Only what is still to be gone on from is kept.
        }

        if (_goal < 0)
            return null;

        PreemptionsAtLeast = _nodes[_goal].Preemptions;
        return new Failing(WayTo(_goal), _nodes[_goal].Preemptions, _finding!);
    }

    private bool IsTooBig() => (long)_open.Count * _machine.Memory.Length * sizeof(int) > _options.BytesMax;

    private void Expand(int number, Node node)
    {
        SavedState state = node.State!;
        state.Restore();
        ReadOnlySpan<Transition> enabled = _machine.Enabled();
        enabled.CopyTo(_enabled);
        int count = enabled.Length;
        for (int i = 0; i < count; i++)
        {
            Transition next = _enabled[i];
            if (i > 0)
                state.Restore();

            int more = node.Last.IsPreemptedBy(next, _enabled.AsSpan(0, count)) ? 1 : 0;
            _machine.Perform(next);
            Add(number, next, node.Last.After(next), node.Preemptions + more, node.Steps + 1);
        }
    }

    private void Add(int parent, Transition transition, LastRunner last, int preemptions, int steps)
    {
        Finding? finding = Judge(out bool isOver);
        if (finding is not null)
        {
            // The first that is found need not be the cheapest; it waits for its turn like everybody else.
            var goal = new Node(parent, transition, last, preemptions, steps, Key: 0, State: null) { IsGoal = true };
            if (_finding is null || IsCheaper(preemptions, steps))
            {
                _finding = finding;
                _cheapest = (preemptions, steps);
                Enqueue(goal);
            }

            return;
        }

        if (isOver)
            return;

        UInt128 key = _machine.StateHash() + ((UInt128)(uint)(last.Context + 2) * s_mixer);
        if (_settled.Contains(key)
            || (_costs.TryGetValue(key, out (int, int) known) && known.CompareTo((preemptions, steps)) <= 0))
        {
            return;
        }

        _costs[key] = (preemptions, steps);
        Enqueue(new Node(parent, transition, last, preemptions, steps, key, new SavedState(_machine)));
    }

    private bool IsCheaper(int preemptions, int steps) => (preemptions, steps).CompareTo(_cheapest) < 0;

    private void Enqueue(Node node)
    {
        _nodes.Add(node);
        _open.Enqueue(_nodes.Count - 1, (node.Preemptions, node.Steps, _nodes.Count - 1));
    }

    /// <summary>The failure that the present state shows, if it is of the class that is sought.</summary>
    private Finding? Judge(out bool isOver)
    {
        isOver = _machine.Finding is not null;
        if (isOver)
            return OfClass();

        isOver = _machine.Enabled().IsEmpty;
        _machine.CheckReached();
        Finding? finding = OfClass();
        _machine.ForgetFinding(); // What else a check of this state says does not end an execution.
        return finding;
    }

    private Finding? OfClass() => _machine.Finding is { } finding && finding.Class == _failure ? finding : null;

    private Transition[] WayTo(int node)
    {
        var way = new List<Transition>();
        for (; _nodes[node].Parent >= 0; node = _nodes[node].Parent)
            way.Add(_nodes[node].Transition);

        way.Reverse();
        return [.. way];
    }

    private sealed record Node(
        int Parent,
        Transition Transition,
        LastRunner Last,
        int Preemptions,
        int Steps,
        UInt128 Key,
        SavedState? State)
    {
        internal bool IsGoal { get; init; }
    }
}
