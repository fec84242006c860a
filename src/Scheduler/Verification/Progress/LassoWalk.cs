namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>Makes of a fair component a walk round it that treats everybody as the component does.</summary>
internal sealed class LassoWalk<TGraph>(
    StateGraph graph,
    TGraph part,
    Components<TGraph> components,
    Fairness<TGraph> fairness)
    where TGraph : IStatePart
{
    private readonly List<ushort> _labels = [];
    private int[] _names = []; // What each context is called by now; it is known by its name at the entry.
    private int _at;

    /// <summary>
    /// The labels of a walk from <paramref name="entry"/> back to it, on which everybody is served, or left alone where
    /// it asks for nothing.
    /// </summary>
    internal IReadOnlyList<ushort> From(int entry)
    {
        _labels.Clear();
        _names = [.. Enumerable.Range(0, fairness.Width)];
        _at = entry;
        for (int context = 0; context < _names.Length; context++)
        {
            Treatment treatment = fairness.Of(_at, _names[context]);
            bool runs = (treatment & Treatment.Runs) != 0;
            if ((treatment & Treatment.Served) != 0)
            {
                Walk((node, name) => fairness.ServingEdge(node, name, runs) >= 0, context);
                Go(fairness.ServingEdge(_at, _names[context], runs));
            }

            if (!runs && (treatment & Treatment.SomewhereFree) != 0)
                Walk((node, name) => fairness.IsFree(part.StateOf(node), name), context);
        }

        if (_labels.Count == 0)
            Go(FirstInside(entry)); // Also a walk on which nobody is owed anything has to go somewhere.

        Walk((node, _) => node == entry, 0);
        return _labels;
    }

    private int FirstInside(int node)
    {
        for (int edge = 0; edge < part.Degree(node); edge++)
        {
            if (components.IsInside(node, edge))
                return edge;
        }

        throw new InvalidOperationException("a component without an edge has no walk round it");
    }

    /// <summary>
    /// Goes a shortest way within the component to where a node and the name that a context has there are the goal.
    /// </summary>
    private void Walk(Func<int, int, bool> isGoal, int context)
    {
        (int Node, int Name) start = (_at, _names[context]);
        var cameFrom = new Dictionary<(int Node, int Name), ((int Node, int Name) From, int Edge)>
        {
            [start] = (start, -1),
        };
        var pending = new Queue<(int Node, int Name)>([start]);
        while (pending.TryDequeue(out (int Node, int Name) here))
        {
            if (isGoal(here.Node, here.Name))
            {
                GoAll(cameFrom, here);
                return;
            }

            for (int edge = 0; edge < part.Degree(here.Node); edge++)
            {
                if (!components.IsInside(here.Node, edge))
                    continue;

                (int, int) next = (part.Target(here.Node, edge), fairness.NameAfter(here.Node, edge, here.Name));
                if (cameFrom.TryAdd(next, (here, edge)))
                    pending.Enqueue(next);
            }
        }

        throw new InvalidOperationException("a component that is not strongly connected");
    }

    private void GoAll(
        Dictionary<(int Node, int Name), ((int Node, int Name) From, int Edge)> cameFrom,
        (int Node, int Name) goal)
    {
        var edges = new Stack<int>();
        for ((int, int) at = goal; cameFrom[at].Edge >= 0; at = cameFrom[at].From)
            edges.Push(cameFrom[at].Edge);

        foreach (int edge in edges)
            Go(edge);
    }

    private void Go(int edge)
    {
        _labels.Add(graph.Label(part.StateOf(_at), edge));
        for (int context = 0; context < _names.Length; context++)
            _names[context] = fairness.NameAfter(_at, edge, _names[context]);

        _at = part.Target(_at, edge);
    }
}
