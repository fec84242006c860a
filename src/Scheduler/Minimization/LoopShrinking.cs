using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Makes an endless run that shows a failure smaller: a shortest way into its loop, and from there a shortest loop that
/// still shows it.
/// </summary>
/// <remarks>
/// Both are searches in breadth, within limits. The second one tells states apart by who has moved since the loop's
/// begin as well, since a loop shows something only if it is fair. Another loop elsewhere may be smaller, so nothing is
/// proved.
/// </remarks>
internal sealed class LoopShrinking(
    MachineImage image, FailureClass failure, MinimizerOptions options, CancellationToken cancellation)
{
    private readonly Machine _machine = new(image, copyOnResume: true);
    private readonly Machine _judge = new(image);

    /// <summary>States that were reached, counted for each set of those who have moved.</summary>
    internal int Visited { get; private set; }

    /// <summary>A run as it is; null if it does not show the failure (any more).</summary>
    internal FailingLoop? Judge(ReadOnlySpan<Transition> schedule, int loop) => Try(schedule.ToArray(), loop);

    /// <summary>The smallest one that was met.</summary>
    internal FailingLoop Shrink(FailingLoop given) => image.Contexts + image.Cpus > Transition.MaxSmall
        ? given // Who has moved does not fit a word.
        : WithShortestLoop(Enter(given));

    private FailingLoop Enter(FailingLoop given)
    {
        Transition[] stem = given.Stem;
        Transition[] round = given.Round;
        var places = new Dictionary<UInt128, int>();
        _machine.Reset();
        foreach (Transition transition in stem)
            _machine.Perform(transition);

        for (int i = 0; i < round.Length; i++)
        {
            places.TryAdd(_machine.StateHash(), i);
            _machine.Perform(round[i]);
        }

        _machine.Reset();
        UInt128 entry = _machine.StateHash();
        Transition[]? way = places.ContainsKey(entry)
            ? []
            : Search(marks: false, stem.Length, (state, _) => places.ContainsKey(state), out entry);
        if (way is null)
            return given;

        int begin = places[entry];
        return Smaller(given, [.. way, .. round[begin..], .. round[..begin]], round.Length);
    }

    private FailingLoop WithShortestLoop(FailingLoop entered)
    {
        _machine.Reset();
        foreach (Transition transition in entered.Stem)
            _machine.Perform(transition);

        UInt128 begin = _machine.StateHash();
        FailingLoop best = entered;
        Search(marks: true, entered.Round.Length, IsEnough, out _);
        return best;

        bool IsEnough(UInt128 state, Func<Transition[]> way)
        {
            if (state != begin)
                return false;

            Transition[] round = way();
            best = Smaller(entered, [.. entered.Stem, .. round], round.Length);
            return best != entered;
        }
    }

    private FailingLoop Smaller(FailingLoop than, Transition[] schedule, int loop) =>
        Try(schedule, loop) is { } tried && tried.IsSmallerThan(than) ? tried : than;

    private FailingLoop? Try(Transition[] schedule, int loop)
    {
        var counter = new PreemptionCounter();
        bool isPossible = ScheduleRun.Run(_judge, schedule, loop, failure, counter);
        return isPossible && _judge.Finding is { } finding && finding.Class == failure
            ? new FailingLoop(new Failing(schedule, counter.Preemptions, finding), loop)
            : null;
    }

    /// <summary>
    /// The shortest way, from where the machine stands, that is enough and has fewer steps than so many; null if there
    /// is none within the limits.
    /// </summary>
    private Transition[]? Search(
        bool marks, int below, Func<UInt128, Func<Transition[]>, bool> isEnough, out UInt128 state)
    {
        state = 0;
        var nodes = new List<(int Parent, Transition By)> { (-1, default) };
        var open = new Queue<(int Node, int Steps, SavedState State, ulong Moved)>();
        var seen = new HashSet<(UInt128, ulong)>();
        open.Enqueue((0, 0, new SavedState(_machine), 0));
        long bytesEach = (long)image.Memory.Length * sizeof(int);
        while (open.TryDequeue(out (int Node, int Steps, SavedState State, ulong Moved) from)
            && from.Steps + 1 < below)
        {
            cancellation.ThrowIfCancellationRequested();
            from.State.Restore();
            foreach (Transition transition in _machine.Enabled().ToArray())
            {
                from.State.Restore();
                _machine.Perform(transition);
                if (_machine.Finding is not null)
                    continue;

                state = _machine.StateHash();
                ulong moved = marks ? from.Moved | (1UL << MovedBy(transition)) : 0;
                if (!seen.Add((state, moved)))
                    continue;

                int node = nodes.Count;
                nodes.Add((from.Node, transition));
                Visited++;
                if (isEnough(state, () => WayTo(node)))
                    return WayTo(node);

                if (seen.Count >= options.StatesMax || open.Count * bytesEach > options.BytesMax)
                    return null;

                open.Enqueue((node, from.Steps + 1, new SavedState(_machine), moved));
            }
        }

        return null;

        Transition[] WayTo(int node)
        {
            var way = new List<Transition>();
            for (; nodes[node].Parent >= 0; node = nodes[node].Parent)
                way.Add(nodes[node].By);

            way.Reverse();
            return [.. way];
        }
    }

    private int MovedBy(Transition transition) => transition.Kind switch
    {
        TransitionKind.Dispatch => transition.Argument,
        TransitionKind.Step or TransitionKind.Choose => transition.Subject,
        _ => image.Contexts + transition.Subject,
    };
}

/// <summary>An endless run that shows a failure.</summary>
/// <param name="Run">The way into its loop, and once round it.</param>
/// <param name="Loop">Transitions once round.</param>
internal sealed record FailingLoop(Failing Run, int Loop)
{
    internal Transition[] Stem => Run.Schedule[..^Loop];

    internal Transition[] Round => Run.Schedule[^Loop..];

    /// <summary>Whether this one is easier to understand: a shorter loop, or as long a one sooner.</summary>
    internal bool IsSmallerThan(FailingLoop other) =>
        (Loop, Run.Steps, Run.Preemptions).CompareTo((other.Loop, other.Run.Steps, other.Run.Preemptions)) < 0;
}
