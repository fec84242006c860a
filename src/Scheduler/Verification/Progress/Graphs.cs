namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>
/// A part of a state graph, whose nodes stand for states; edges have the numbers that they have there.
/// </summary>
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
/// <remarks>
/// What is left has numbers of its own, so that looking at a small part costs what the part is large.
/// </remarks>
internal readonly struct IdleGraph : IStatePart
{
    private readonly StateGraph _graph;
    private readonly int[]? _states;
    private readonly Dictionary<int, int>? _nodes;

    internal IdleGraph(StateGraph graph, int[]? states)
    {
        _graph = graph;
        _states = states;
        _nodes = states is null ? null : new Dictionary<int, int>(states.Length);
        for (int node = 0; node < states?.Length; node++)
            _nodes!.Add(states[node], node);
    }

    public int Nodes => _states?.Length ?? _graph.States;

    public int Degree(int node) => _graph.Degree(StateOf(node));

    public int Target(int node, int edge)
    {
        int state = StateOf(node);
        if (StateGraph.IsProgress(_graph.Label(state, edge)))
            return -1;

        int target = _graph.Target(state, edge);
        return _nodes is null ? target : _nodes.GetValueOrDefault(target, -1);
    }

    public int StateOf(int node) => _states is null ? node : _states[node];
}

/// <summary>
/// A node for each state and task, and the edges on which that task does not finish an operation; along them the task
/// may change its name.
/// </summary>
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
