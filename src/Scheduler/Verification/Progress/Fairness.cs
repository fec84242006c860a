using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>
/// What happens to each context on an endless run that visits all of a strongly connected component again and again.
/// </summary>
/// <remarks>
/// Along edges tasks change their names, so a context of one state and a context of another are the same task if a way
/// within the component leads from one to the other: classes of a union-find. In a strongly connected graph such a way
/// leads back as well, because renamings can be undone by repeating them. After the contexts come the CPUs, for the
/// interrupts they owe an answer to.
/// </remarks>
internal sealed class Fairness<TGraph>
    where TGraph : IStatePart
{
    private readonly StateGraph _graph;
    private readonly TGraph _part;
    private readonly Components<TGraph> _components;
    private readonly int _width;
    private readonly Dictionary<int, int> _places = [];
    private readonly int[] _parents;
    private readonly Treatment[] _treatments; // By the root of a class.
    private readonly bool _offersCpu; // Somewhere a task may be given a CPU, or taken off one for somebody else.

    internal Fairness(StateGraph graph, TGraph part, Components<TGraph> components, int[] members, int cpus)
    {
        _graph = graph;
        _part = part;
        _components = components;
        _width = graph.Contexts + cpus;
        for (int i = 0; i < members.Length; i++)
            _places.Add(members[i], i);

        _parents = [.. Enumerable.Range(0, members.Length * _width)];
        _treatments = new Treatment[_parents.Length];
        foreach (int node in members)
            JoinNames(node);

        foreach (int node in members)
        {
            foreach (ushort label in graph.Labels(part.StateOf(node)))
                _offersCpu |= StateGraph.TransitionOf(label).Kind is TransitionKind.Dispatch or TransitionKind.Preempt;
        }

        foreach (int node in members)
            Look(node);
    }

    /// <summary>Contexts, then CPUs.</summary>
    internal int Width => _width;

    /// <summary>
    /// Who could go on from some moment on runs again and again (weak fairness). To be given a CPU and lose it again is
    /// not to run.
    /// </summary>
    internal bool IsWeak() => All(static treatment => (treatment & (Treatment.Runs | Treatment.SomewhereFree)) != 0);

    /// <summary>
    /// Who can run again and again does, and who can be given a CPU again and again is (strong fairness).
    /// </summary>
    internal bool IsStrong() => All(static treatment => !IsOwed(treatment));

    /// <summary>How the context is treated that has a name at a node.</summary>
    internal Treatment Of(int node, int context) => _treatments[Root((_places[node] * _width) + context)];

    /// <summary>Whether some context at a node could go on there, and never does on this run.</summary>
    internal bool IsIgnored(int node)
    {
        int state = _part.StateOf(node);
        for (int context = 0; context < _width; context++)
        {
            Treatment here = Of(node, context) & (Treatment.Runs | Treatment.Served);
            if (IsOwed(here | Claims(state, context)))
                return true;
        }

        return false;
    }

    private static bool IsOwed(Treatment treatment) =>
        (treatment & (Treatment.CouldRun | Treatment.Runs)) == Treatment.CouldRun
        || (treatment & (Treatment.CouldGetCpu | Treatment.Served)) == Treatment.CouldGetCpu;

    /// <summary>
    /// Whether a context asks for nothing in a state, so that nobody treats it unfairly who leaves it there.
    /// </summary>
    internal bool IsFree(int state, int context) =>
        !CanRun(state, context) && !(_offersCpu && IsWaiting(state, context));

    /// <summary>
    /// The first edge of the component out of a node that serves a context; only ones that run it if
    /// <paramref name="runs"/>. -1 if there is none.
    /// </summary>
    internal int ServingEdge(int node, int context, bool runs)
    {
        int state = _part.StateOf(node);
        for (int edge = 0; edge < _graph.Degree(state); edge++)
        {
            ushort label = _graph.Label(state, edge);
            bool isDispatch = StateGraph.TransitionOf(label).Kind == TransitionKind.Dispatch;
            if (Serves(label, context) && !(runs && isDispatch) && _components.IsInside(node, edge))
                return edge;
        }

        return -1;
    }

    /// <summary>What a context of a node is called behind an edge.</summary>
    internal int NameAfter(int node, int edge, int context) =>
        context < _graph.Contexts ? _graph.NameAfter(_part.StateOf(node), edge, context) : context;

    private bool All(Func<Treatment, bool> holds)
    {
        for (int i = 0; i < _parents.Length; i++)
        {
            if (_parents[i] == i && !holds(_treatments[i]))
                return false;
        }

        return true;
    }

    private void JoinNames(int node)
    {
        int state = _part.StateOf(node);
        int from = _places[node] * _width;
        for (int edge = 0; edge < _graph.Degree(state); edge++)
        {
            if (!_components.IsInside(node, edge))
                continue;

            int to = _places[_part.Target(node, edge)] * _width;
            for (int context = 0; context < _width; context++)
                Join(from + context, to + NameAfter(node, edge, context));
        }
    }

    private void Look(int node)
    {
        int state = _part.StateOf(node);
        for (int context = 0; context < _width; context++)
        {
            ref Treatment treatment = ref _treatments[Root((_places[node] * _width) + context)];
            if (IsFree(state, context))
                treatment |= Treatment.SomewhereFree;

            treatment |= Claims(state, context);
            if (ServingEdge(node, context, runs: false) >= 0)
                treatment |= Treatment.Served;

            if (ServingEdge(node, context, runs: true) >= 0)
                treatment |= Treatment.Runs;
        }
    }

    private bool CanRun(int state, int context)
    {
        foreach (ushort label in _graph.Labels(state))
        {
            if (Serves(label, context) && StateGraph.TransitionOf(label).Kind != TransitionKind.Dispatch)
                return true;
        }

        return false;
    }

    private bool IsWaiting(int state, int context) =>
        context < _graph.Contexts && ((_graph.Waiting(state) >> context) & 1) != 0;

    private Treatment Claims(int state, int context)
    {
        bool isWaiting = IsWaiting(state, context);
        Treatment claims = Treatment.None;
        foreach (ushort label in _graph.Labels(state))
        {
            bool serves = Serves(label, context);
            TransitionKind kind = StateGraph.TransitionOf(label).Kind;
            if (serves && kind != TransitionKind.Dispatch)
                claims |= Treatment.CouldRun;
            else if (serves || (isWaiting && kind == TransitionKind.Preempt))
                claims |= Treatment.CouldGetCpu;
        }

        return claims;
    }

    private bool Serves(ushort label, int context)
    {
        if (context < _graph.Contexts)
            return StateGraph.Mover(label) == context;

        Transition transition = StateGraph.TransitionOf(label);
        return transition.Kind == TransitionKind.Acknowledge && transition.Subject == context - _graph.Contexts;
    }

    private int Root(int element)
    {
        while (_parents[element] != element)
            element = _parents[element] = _parents[_parents[element]];

        return element;
    }

    private void Join(int element, int other)
    {
        (element, other) = (Root(element), Root(other));
        _parents[Math.Max(element, other)] = Math.Min(element, other);
    }
}

/// <summary>What happens to a context on a run through a component.</summary>
[Flags]
internal enum Treatment
{
    None = 0,

    /// <summary>It runs, or is given a CPU.</summary>
    Served = 1,

    /// <summary>It runs.</summary>
    Runs = 2,

    /// <summary>In some state it asks for nothing: it has ended, sleeps, or waits for somebody else.</summary>
    SomewhereFree = 4,

    /// <summary>In some state it could run.</summary>
    CouldRun = 8,

    /// <summary>In some state it could be given a CPU, or another one be taken off for it.</summary>
    CouldGetCpu = 16,
}
