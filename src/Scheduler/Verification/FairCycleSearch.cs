using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Looks for an endless run that is fair to every task and in which one task steps for ever without finishing an operation.</summary>
/// <remarks>
/// Weak fairness: a task that is enabled from some moment on is stepped again and again. In a strongly connected component
/// of the graph without the progress of the victim, a run can visit everything, so it is fair if every task is either
/// stepped or somewhere not enabled within the component. Components by R. Tarjan, "Depth-first search and linear graph
/// algorithms", 1972.
/// </remarks>
internal sealed class FairCycleSearch(StateGraph graph, int tasks, int victim)
{
    private readonly int[] _index = new int[graph.States]; // Order of discovery + 1; 0 for not yet.
    private readonly int[] _low = new int[graph.States];
    private readonly int[] _component = new int[graph.States]; // + 1; 0 while on the stack or unseen.
    private readonly Stack<int> _open = [];
    private int _indices;
    private int _components;

    /// <summary>The lasso through a component with the fewest states, or null.</summary>
    internal Lasso? Find(SearchTree tree)
    {
        int[]? best = null;
        for (int root = 0; root < graph.States; root++)
        {
            if (_index[root] != 0)
                continue;

            foreach (int[] component in ComponentsFrom(root))
            {
                if ((best is null || component.Length < best.Length) && IsFair(component))
                    best = component;
            }
        }

        return best is null ? null : LassoThrough(best, tree);
    }

    private bool IsAllowed(ushort label) => !(StateGraph.IsProgress(label) && LivenessCheck.IsStepOf(label, victim));

    private IEnumerable<int[]> ComponentsFrom(int root)
    {
        var calls = new Stack<(int State, int Edge)>();
        Open(root);
        calls.Push((root, 0));
        while (calls.TryPop(out (int State, int Edge) call))
        {
            int child = NextChild(call.State, ref call.Edge);
            if (child >= 0)
            {
                calls.Push(call);
                Open(child);
                calls.Push((child, 0));
                continue;
            }

            if (_low[call.State] == _index[call.State])
                yield return Close(call.State);

            if (calls.TryPeek(out (int State, int Edge) caller))
                _low[caller.State] = Math.Min(_low[caller.State], _low[call.State]);
        }
    }

    /// <summary>The next successor that has not been seen yet; those that are on the stack lower the low link.</summary>
    private int NextChild(int state, ref int edge)
    {
        ReadOnlySpan<int> targets = graph.Targets(state);
        ReadOnlySpan<ushort> labels = graph.Labels(state);
        while (edge < targets.Length)
        {
            int target = targets[edge];
            if (IsAllowed(labels[edge++]))
            {
                if (_index[target] == 0)
                    return target;

                if (_component[target] == 0)
                    _low[state] = Math.Min(_low[state], _index[target]);
            }
        }

        return -1;
    }

    private void Open(int state)
    {
        _index[state] = _low[state] = ++_indices;
        _open.Push(state);
    }

    private int[] Close(int root)
    {
        _components++;
        var members = new List<int>();
        int member;
        do
        {
            member = _open.Pop();
            _component[member] = _components;
            members.Add(member);
        }
        while (member != root);

        return [.. members];
    }

    private bool IsFair(int[] component)
    {
        for (int task = 0; task < tasks; task++)
        {
            bool isStepped = component.Any(state => EdgeOf(state, task) >= 0);
            if (!isStepped && (task == victim || component.All(state => IsEnabled(state, task))))
                return false;
        }

        return true;
    }

    /// <summary>An edge within the state's component by which a task is stepped, or -1.</summary>
    private int EdgeOf(int state, int task)
    {
        ReadOnlySpan<int> targets = graph.Targets(state);
        ReadOnlySpan<ushort> labels = graph.Labels(state);
        for (int edge = 0; edge < targets.Length; edge++)
        {
            if (LivenessCheck.IsStepOf(labels[edge], task) && IsAllowed(labels[edge]) && _component[targets[edge]] == _component[state])
                return edge;
        }

        return -1;
    }

    private bool IsEnabled(int state, int task)
    {
        foreach (ushort label in graph.Labels(state))
        {
            if (LivenessCheck.IsStepOf(label, task))
                return true;
        }

        return false;
    }

    private Lasso LassoThrough(int[] component, SearchTree tree)
    {
        int entry = component.Min();
        var loop = new List<Transition>();
        int at = entry;
        for (int task = 0; task < tasks; task++)
        {
            if (component.Any(state => EdgeOf(state, task) >= 0))
            {
                at = Walk(at, state => EdgeOf(state, task) >= 0, loop);
                int edge = EdgeOf(at, task);
                loop.Add(StateGraph.TransitionOf(graph.Labels(at)[edge]));
                at = graph.Targets(at)[edge];
            }
            else
            {
                at = Walk(at, state => !IsEnabled(state, task), loop);
            }
        }

        Walk(at, state => state == entry, loop);
        return new Lasso(victim, tree.WayTo(entry), [.. loop]);
    }

    /// <summary>Appends a shortest way within the component to a state that <paramref name="isGoal"/>; yields that state.</summary>
    private int Walk(int from, Func<int, bool> isGoal, List<Transition> way)
    {
        var cameFrom = new Dictionary<int, (int State, ushort Label)> { [from] = (-1, 0) };
        var pending = new Queue<int>([from]);
        while (pending.TryDequeue(out int state))
        {
            if (isGoal(state))
            {
                var reversed = new List<Transition>();
                for (int step = state; step != from; step = cameFrom[step].State)
                    reversed.Add(StateGraph.TransitionOf(cameFrom[step].Label));

                reversed.Reverse();
                way.AddRange(reversed);
                return state;
            }

            for (int edge = 0; edge < graph.Targets(state).Length; edge++)
            {
                int target = graph.Targets(state)[edge];
                ushort label = graph.Labels(state)[edge];
                if (IsAllowed(label) && _component[target] == _component[state] && cameFrom.TryAdd(target, (state, label)))
                    pending.Enqueue(target);
            }
        }

        throw new InvalidOperationException("a component that is not strongly connected");
    }
}
