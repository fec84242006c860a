using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Progress, on the graph of all reachable states of a system without deadlocks.</summary>
internal sealed class LivenessCheck(StateGraph graph, SearchTree tree, MachineImage image)
{
    internal LivenessReport Run()
    {
        var backwards = new ReversedGraph(graph);
        Trap? trap = null;
        Lasso? starvation = null;
        for (int task = 0; task < image.Tasks.Count; task++)
        {
            trap ??= FindTrap(backwards, task);
            starvation ??= new FairCycleSearch(graph, image.Tasks.Count, task).Find(tree);
        }

        return new LivenessReport(trap, starvation);
    }

    /// <summary>A state from which no path leads to the end of an operation of <paramref name="task"/> or of the program.</summary>
    private Trap? FindTrap(ReversedGraph backwards, int task)
    {
        var canFinish = new System.Collections.BitArray(graph.States);
        var pending = new Stack<int>();
        for (int state = 0; state < graph.States; state++)
        {
            if (graph.Targets(state).IsEmpty || FinishesHere(state, task))
            {
                canFinish[state] = true;
                pending.Push(state);
            }
        }

        while (pending.TryPop(out int state))
        {
            foreach (int source in backwards.Sources(state))
            {
                if (canFinish[source])
                    continue;

                canFinish[source] = true;
                pending.Push(source);
            }
        }

        for (int state = 0; state < graph.States; state++)
        {
            if (!canFinish[state])
                return new Trap(task, tree.WayTo(state));
        }

        return null;
    }

    private bool FinishesHere(int state, int task)
    {
        foreach (ushort label in graph.Labels(state))
        {
            if (StateGraph.IsProgress(label) && IsStepOf(label, task))
                return true;
        }

        return false;
    }

    internal static bool IsStepOf(ushort label, int task)
    {
        Transition transition = StateGraph.TransitionOf(label);
        return transition.Kind == TransitionKind.Step && transition.Subject == task;
    }

    /// <summary>The edges of a graph by their targets.</summary>
    private sealed class ReversedGraph
    {
        private readonly long[] _first;
        private readonly int[] _sources;

        internal ReversedGraph(StateGraph graph)
        {
            _first = new long[graph.States + 1];
            for (int state = 0; state < graph.States; state++)
            {
                foreach (int target in graph.Targets(state))
                    _first[target + 1]++;
            }

            for (int state = 0; state < graph.States; state++)
                _first[state + 1] += _first[state];

            _sources = new int[_first[graph.States]];
            long[] at = [.. _first];
            for (int state = 0; state < graph.States; state++)
            {
                foreach (int target in graph.Targets(state))
                    _sources[at[target]++] = state;
            }
        }

        internal ReadOnlySpan<int> Sources(int state) => _sources.AsSpan((int)_first[state], (int)(_first[state + 1] - _first[state]));
    }
}
