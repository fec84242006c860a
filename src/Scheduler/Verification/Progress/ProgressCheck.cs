using System.Numerics;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>
/// What can go on for ever, on the graph of all reachable states of a system in whose states nothing is wrong.
/// </summary>
/// <remarks>
/// Three questions. From every state, can each task still finish? If not, it is trapped: a failure. Is there a run,
/// strongly fair, on which nobody finishes anything? A failure too, the livelock of two who make way for each other for
/// ever. And is there a run, weakly fair, on which one task runs for ever and others get what it wants? The kernel has
/// that (barging): a remark.
/// </remarks>
internal sealed class ProgressCheck(StateGraph graph, SearchTree tree, MachineImage image)
{
    private const int StarvationNodesMax = 12_000_000; // A dozen bytes each, and many looks at all their edges.

    private readonly int _tasks = image.Tasks.Count;

    /// <summary>The endless run that is a failure, or null.</summary>
    internal EndlessRun? FindFailure() => FindTrap() ?? FindIdleRun();

    /// <summary>Whether the graph is small enough to look for starvation.</summary>
    internal bool CanFindStarvation => (long)graph.States * _tasks <= StarvationNodesMax;

    private EndlessRun? FindTrap()
    {
        var finishable = new FinishableTasks(graph);
        ulong all = _tasks == 64 ? ulong.MaxValue : (1UL << _tasks) - 1;
        if (
            First(
                Enumerable.Range(0, graph.States).Where(state => graph.Exists(state) && (~finishable[state] & all) != 0)
            )
            is not { } trapped)
            return null;

        // The first component that is closed is one that cannot be left.
        var whole = new WholeGraph(graph);
        var components = new Components<WholeGraph>(whole);
        int[] closed = components.From(trapped).First();
        int entry = First(closed)!.Value;
        ulong victims = ~finishable[entry] & all;
        var fairness = new Fairness<WholeGraph>(graph, whole, components, closed, image.Cpus);
        ulong runners = Treated(fairness, entry, Treatment.Runs) & victims;
        if (graph.Degree(entry) == 0)
            return new EndlessRun(EndlessRunKind.Trapped, entry, [], victims, 0);

        return new EndlessRun(
            EndlessRunKind.Trapped,
            entry,
            Walk(whole, components, fairness, entry),
            victims,
            runners);
    }

    /// <summary>
    /// The smallest component without progress that is strongly fair; of one that is not, a part may be (as for Streett
    /// automata).
    /// </summary>
    private EndlessRun? FindIdleRun()
    {
        EndlessRun? best = null;
        (int Length, ulong Rank) least = (int.MaxValue, 0);
        var parts = new Stack<int[]?>([null]);
        while (parts.TryPop(out int[]? states))
        {
            var idle = new IdleGraph(graph, states);
            var components = new Components<IdleGraph>(idle);
            foreach (int[] component in Enumerable.Range(0, idle.Nodes).SelectMany(components.From))
            {
                if (!HasEdge(idle, components, component))
                    continue;

                var fairness = new Fairness<IdleGraph>(graph, idle, components, component, image.Cpus);
                (int Length, ulong Rank) rank = (
                    component.Length,
                    component.Min(node => graph.Hash(idle.StateOf(node))));
                if (!fairness.IsStrong())
                {
                    int[] rest = [.. component.Where(node => !fairness.IsIgnored(node)).Select(idle.StateOf).Order()];
                    if (rest.Length > 0)
                        parts.Push(rest);
                }
                else if (rank.CompareTo(least) < 0)
                {
                    (best, least) = (Idle(idle, components, fairness, component), rank);
                }
            }
        }

        return best;
    }

    private EndlessRun Idle(
        IdleGraph idle,
        Components<IdleGraph> components,
        Fairness<IdleGraph> fairness,
        int[] component)
    {
        int state = First(component.Select(idle.StateOf))!.Value;
        int entry = component.First(node => idle.StateOf(node) == state);
        ulong runners = Treated(fairness, entry, Treatment.Runs);
        return new EndlessRun(EndlessRunKind.Idle, state, Walk(idle, components, fairness, entry), runners, runners);
    }

    /// <summary>The endless run with the fewest states on which a task starves, or null.</summary>
    internal EndlessRun? FindStarvation()
    {
        var victims = new VictimGraph(graph, _tasks);
        var components = new Components<VictimGraph>(victims);
        int[]? best = null;
        for (int root = 0; root < victims.Nodes; root++)
        {
            if (!graph.Exists(victims.StateOf(root)))
                continue;

            foreach (int[] component in components.From(root))
            {
                bool isBetter = best is null || component.Length < best.Length
                    || (component.Length == best.Length && Rank(component, victims).CompareTo(Rank(best, victims)) < 0);
                if (
                    isBetter
                    && RunsVictim(victims, components, component)
                    && IsWeaklyFair(victims, components, component))
                    best = component;
            }
        }

        return best is null ? null : Starving(victims, components, best);
    }

    private EndlessRun Starving(VictimGraph victims, Components<VictimGraph> components, int[] component)
    {
        var fairness = new Fairness<VictimGraph>(graph, victims, components, component, image.Cpus);
        int entry = component.MinBy(node => (graph.Hash(victims.StateOf(node)), node % _tasks));
        ulong victim = 1UL << (entry % _tasks);
        return new EndlessRun(
            EndlessRunKind.Starving,
            victims.StateOf(entry),
            Walk(victims, components, fairness, entry),
            victim,
            victim);
    }

    private ulong Rank(int[] component, VictimGraph victims) =>
        component.Min(node => graph.Hash(victims.StateOf(node)));

    private bool RunsVictim(VictimGraph victims, Components<VictimGraph> components, int[] component)
    {
        foreach (int node in component)
        {
            int state = victims.StateOf(node);
            for (int edge = 0; edge < graph.Degree(state); edge++)
            {
                if (StateGraph.IsRunOf(graph.Label(state, edge), node % _tasks) && components.IsInside(node, edge))
                    return true;
            }
        }

        return false;
    }

    private bool IsWeaklyFair(VictimGraph victims, Components<VictimGraph> components, int[] component) =>
        new Fairness<VictimGraph>(graph, victims, components, component, image.Cpus).IsWeak();

    private static bool HasEdge<TGraph>(TGraph part, Components<TGraph> components, int[] component)
        where TGraph : IStatePart
    {
        foreach (int node in component)
        {
            for (int edge = 0; edge < part.Degree(node); edge++)
            {
                if (components.IsInside(node, edge))
                    return true;
            }
        }

        return false;
    }

    private ulong Treated<TGraph>(Fairness<TGraph> fairness, int node, Treatment treatment)
        where TGraph : IStatePart
    {
        ulong tasks = 0;
        for (int task = 0; task < _tasks; task++)
            tasks |= (fairness.Of(node, task) & treatment) != 0 ? 1UL << task : 0;

        return tasks;
    }

    private Transition[] Walk<TGraph>(TGraph part, Components<TGraph> components, Fairness<TGraph> fairness, int entry)
        where TGraph : IStatePart =>
        [.. new LassoWalk<TGraph>(graph, part, components, fairness).From(entry).Select(StateGraph.TransitionOf)];

    /// <summary>
    /// Of some states the one that is nearest to the start, and of these the one with the smallest hash.
    /// </summary>
    /// <remarks>
    /// Numbers rise with the distance from the start, so only those behind the smallest are looked at.
    /// </remarks>
    private int? First(IEnumerable<int> states)
    {
        int? first = null;
        int depth = 0;
        foreach (int state in states.Order())
        {
            int away = tree.WayTo(state).Length;
            if (first is { } found && away > depth)
                break;

            if (first is not { } smallest || away < depth || graph.Hash(state) < graph.Hash(smallest))
                (first, depth) = (state, away);
        }

        return first;
    }

    /// <summary>The tasks of a mask, by number.</summary>
    internal static IEnumerable<int> TasksOf(ulong mask)
    {
        for (; mask != 0; mask &= mask - 1)
            yield return BitOperations.TrailingZeroCount(mask);
    }
}
