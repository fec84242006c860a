namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>A part of a state graph, whose nodes stand for states; edges have the numbers that they have there.</summary>
internal interface IStatePart : INumberedGraph
{
    /// <summary>The state that a node stands for.</summary>
    int StateOf(int node);
}

/// <summary>All states and edges.</summary>
internal readonly struct WholeGraph(StateGraph graph) : IStatePart
{
    public int Nodes => graph.States;

    public int Degree(int node) => graph.Degree(node);

    public int Target(int node, int edge) => graph.Target(node, edge);

    public int StateOf(int node) => node;
}

/// <summary>All states, or those that are left of them, and the edges on which nobody finishes an operation.</summary>
internal readonly struct IdleGraph(StateGraph graph, HashSet<int>? states) : IStatePart
{
    public int Nodes => graph.States;

    public int Degree(int node) => graph.Degree(node);

    public int Target(int node, int edge)
    {
        if (StateGraph.IsProgress(graph.Label(node, edge)))
            return -1;

        int target = graph.Target(node, edge);
        return states is null || states.Contains(target) ? target : -1;
    }

    public int StateOf(int node) => node;
}

/// <summary>A node for each state and task, and the edges on which that task does not finish an operation; along them the task may change its name.</summary>
internal readonly struct VictimGraph(StateGraph graph, int tasks) : IStatePart
{
    public int Nodes => graph.States * tasks;

    public int Degree(int node) => graph.Degree(node / tasks);

    public int Target(int node, int edge)
    {
        int state = node / tasks;
        int victim = node % tasks;
        ushort label = graph.Label(state, edge);
        return StateGraph.IsProgress(label) && StateGraph.IsRunOf(label, victim)
            ? -1
            : (graph.Target(state, edge) * tasks) + graph.NameAfter(state, edge, victim);
    }

    public int StateOf(int node) => node / tasks;
}
