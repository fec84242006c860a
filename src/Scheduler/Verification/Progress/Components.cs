namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>A graph whose nodes are numbers, and of which some edges may be left out.</summary>
internal interface INumberedGraph
{
    /// <summary>Number of nodes.</summary>
    int Nodes { get; }

    /// <summary>Number of edges out of a node.</summary>
    int Degree(int node);

    /// <summary>Where an edge leads; -1 if it is left out.</summary>
    int Target(int node, int edge);
}

/// <summary>Strongly connected components: R. Tarjan, "Depth-first search and linear graph algorithms", 1972.</summary>
/// <remarks>
/// A component comes after all that can be reached from it, so the first one from any root cannot be left.
/// </remarks>
internal sealed class Components<TGraph>(TGraph graph)
    where TGraph : INumberedGraph
{
    private readonly int[] _index = new int[graph.Nodes]; // Order of discovery + 1; 0 for not yet.
    private readonly int[] _low = new int[graph.Nodes];
    private readonly int[] _component = new int[graph.Nodes]; // From 1; 0 while it is on the stack or unseen.
    private readonly Stack<int> _open = [];
    private int _indices;
    private int _components;

    /// <summary>The component of a node, from 1; 0 if it was not reached yet.</summary>
    internal int Of(int node) => _component[node];

    /// <summary>Whether an edge stays within its component.</summary>
    internal bool IsInside(int node, int edge) =>
        graph.Target(node, edge) is var target and >= 0 && _component[target] == _component[node];

    /// <summary>The components that are reached from a node and were not reached before.</summary>
    internal IEnumerable<int[]> From(int root)
    {
        if (_index[root] != 0)
            yield break;

        var calls = new Stack<(int Node, int Edge)>();
        Open(root);
        calls.Push((root, 0));
        while (calls.TryPop(out (int Node, int Edge) call))
        {
            int child = NextChild(call.Node, ref call.Edge);
            if (child >= 0)
            {
                calls.Push(call);
                Open(child);
                calls.Push((child, 0));
                continue;
            }

            if (_low[call.Node] == _index[call.Node])
                yield return Close(call.Node);

            if (calls.TryPeek(out (int Node, int Edge) caller))
                _low[caller.Node] = Math.Min(_low[caller.Node], _low[call.Node]);
        }
    }

    /// <summary>
    /// The next successor that has not been seen yet; those that are on the stack lower the low link.
    /// </summary>
    private int NextChild(int node, ref int edge)
    {
        int degree = graph.Degree(node);
        while (edge < degree)
        {
            int target = graph.Target(node, edge++);
            if (target < 0)
                continue;

            if (_index[target] == 0)
                return target;

            if (_component[target] == 0)
                _low[node] = Math.Min(_low[node], _index[target]);
        }

        return -1;
    }

    private void Open(int node)
    {
        _index[node] = _low[node] = ++_indices;
        _open.Push(node);
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
}
