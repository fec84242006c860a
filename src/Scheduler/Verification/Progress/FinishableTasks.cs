namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>For every state the tasks that have ended, or that some way from there lets finish an operation.</summary>
/// <remarks>
/// A least fixed point, computed in sweeps from the last state to the first: states have higher numbers the farther
/// they are from the start, so most edges lead to where a sweep has been already.
/// </remarks>
internal sealed class FinishableTasks
{
    private readonly StateGraph _graph;
    private readonly ulong[] _tasks;

    internal FinishableTasks(StateGraph graph)
    {
        _graph = graph;
        _tasks = new ulong[graph.States];
        for (int state = 0; state < graph.States; state++)
            _tasks[state] = graph.Ended(state);

        bool hasChanged = true;
        while (hasChanged)
        {
            hasChanged = false;
            for (int state = graph.States - 1; state >= 0; state--)
                hasChanged |= Look(state);
        }
    }

    /// <summary>A bit for each task of a state that can finish from there.</summary>
    internal ulong this[int state] => _tasks[state];

    private bool Look(int state)
    {
        ulong before = _tasks[state];
        ulong tasks = before;
        for (int edge = 0; edge < _graph.Degree(state); edge++)
        {
            ushort label = _graph.Label(state, edge);
            if (StateGraph.IsProgress(label))
                tasks |= 1UL << StateGraph.Mover(label);

            tasks |= _graph.Renamings.Before(_graph.Names(state, edge), _tasks[_graph.Target(state, edge)]);
        }

        _tasks[state] = tasks;
        return tasks != before;
    }
}
