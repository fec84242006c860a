using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Playing;

/// <summary>
/// An execution in somebody's hands: a line of transitions, and a place in it from which one may go on, back, and
/// another way.
/// </summary>
/// <remarks>
/// What has been taken back stays ahead until another way is taken; so does a schedule that one steps along. Nothing
/// goes on after a failure.
/// </remarks>
public sealed class PlaySession
{
    /// <summary>The most steps that <see cref="RunAlone"/> takes at once.</summary>
    public const int RunMax = 1000;

    private readonly Machine _machine;
    private readonly KeptStates _states;
    private readonly MemoryChanges _changes;
    private readonly List<Transition> _line = [];
    private readonly List<PlayedStep> _steps = [];
    private Transition[]? _enabled;
    private LastRunner _last = LastRunner.Nobody;

    /// <summary>An execution of what <paramref name="image"/> boots, at its start.</summary>
    public PlaySession(MachineImage image)
    {
        _machine = new Machine(image, copyOnResume: true);
        _machine.Reset();
        _states = new KeptStates(_machine);
        _changes = new MemoryChanges(_machine);
        Judge();
    }

    /// <summary>The steps until here.</summary>
    public IReadOnlyList<PlayedStep> Steps => _steps;

    /// <summary>What was chosen until here.</summary>
    public IReadOnlyList<Transition> Schedule => _line[.._steps.Count];

    /// <summary>What comes after it, if one goes on along the line.</summary>
    public IReadOnlyList<Transition> Ahead => _line[_steps.Count..];

    /// <summary>What may happen next; nothing after a failure.</summary>
    public IReadOnlyList<Transition> Enabled =>
        _enabled ??= Finding is null ? _machine.Enabled().ToArray() : [];

    /// <summary>What is wrong here; null if nothing is.</summary>
    public Finding? Finding => _machine.Finding;

    /// <summary>Whether every task has ended.</summary>
    public bool IsOver => Enumerable.Range(0, Tasks).All(task => _machine.Tasks.Status(task) == ContextStatus.Finished);

    /// <summary>How often a context was left that could have gone on.</summary>
    public int Preemptions => _steps.Count(step => step.IsPreemption);

    /// <summary>Number of tasks.</summary>
    public int Tasks => _machine.Tasks.Count;

    /// <summary>Number of tasks and interrupt handlers.</summary>
    public int Contexts => _machine.Tasks.Contexts;

    /// <summary>The name of a context: "task 1".</summary>
    public string NameOf(int context) => _machine.NameOf(context);

    /// <summary>What a context does here.</summary>
    public ContextMoment Look(int context) => ContextMoment.Of(_machine, context, _machine.Calls(context));

    /// <summary>Memory as it is here: all words that are not the machine's own.</summary>
    public IReadOnlyList<MemoryCell> Cells() => _changes.Cells();

    /// <summary>What a transition that is enabled does, in words.</summary>
    public string Describe(Transition transition) => transition.Kind switch
    {
        TransitionKind.Step => OperationText.Describe(_machine, transition.Subject),
        _ => OperationText.Describe(_machine, transition),
    };

    /// <summary>Whom a transition concerns; negative if a CPU that runs nobody.</summary>
    public int ContextOf(Transition transition) => transition.Kind switch
    {
        TransitionKind.Step or TransitionKind.Choose => transition.Subject,
        TransitionKind.Dispatch => transition.Argument,
        _ => _machine.Cpus.Current(transition.Subject),
    };

    /// <summary>Lets an enabled transition happen; false if it is not enabled.</summary>
    public bool Take(Transition transition)
    {
        if (!Enabled.Contains(transition))
            return false;

        int position = _steps.Count;
        if (position == _line.Count || _line[position] != transition)
        {
            _line.RemoveRange(position, _line.Count - position);
            _states.Forget(position);
            _line.Add(transition);
        }

        Advance(transition);
        return true;
    }

    /// <summary>Goes back to where there were so many steps.</summary>
    /// <exception cref="UsageException">The same steps do not lead to the same state.</exception>
    public void GoBack(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps >= _steps.Count)
            return;

        for (int step = _states.Restore(steps); step < steps; step++)
            _machine.Perform(_line[step]);

        _enabled = null;
        _steps.RemoveRange(steps, _steps.Count - steps);
        _last = LastRunner.Nobody;
        foreach (PlayedStep step in _steps)
            _last = _last.After(step.Transition);

        if (_steps is [.., { State: var state }] && (Finding is not null || _machine.StateHash() != state))
        {
            throw new UsageException(
                $"the first {steps} steps do not lead to the same state again: the scenario depends on something "
                + "outside the machine");
        }
    }

    /// <summary>Goes on by one step along the line; false if there is none, or it is not enabled.</summary>
    public bool GoOn() => _steps.Count < _line.Count && Take(_line[_steps.Count]);

    /// <summary>Lays a line ahead, instead of the one that there was.</summary>
    public void LayAhead(IEnumerable<Transition> transitions)
    {
        _line.RemoveRange(_steps.Count, _line.Count - _steps.Count);
        _states.Forget(_steps.Count);
        _line.AddRange(transitions);
    }

    /// <summary>
    /// Lets a context step until it cannot, or has to choose, or something is wrong, or it has taken
    /// <see cref="RunMax"/> steps; yields how many it has.
    /// </summary>
    public int RunAlone(int context)
    {
        int steps = 0;
        while (steps < RunMax && Take(Transition.Step(context)))
            steps++;

        return steps;
    }

    /// <summary>Looks, on a copy of the machine, for a way from here to a failure.</summary>
    /// <param name="bounds">How far it looks.</param>
    /// <param name="isUnwanted">Asked now and then; ends it early, and what was seen until then is told.</param>
    /// <param name="cancellation">Ends it early, and nothing is told.</param>
    /// <exception cref="OperationCanceledException">It was ended by that.</exception>
    /// <exception cref="UsageException">A way that was found does not lead there again.</exception>
    public FailureSearch FindFailure(
        FailureSearchBounds bounds, Func<bool>? isUnwanted = null, CancellationToken cancellation = default)
    {
        if (Finding is not null || Enabled.Count == 0)
            return new FailureSearch([], null, 0, 0) { IsComplete = true };

        FailureSearch search = new WaySearch(_machine.Copy(), bounds, isUnwanted, cancellation).Run();
        if (search.Finding is { } finding)
            Confirm(search.Way, finding.Class);

        return search;
    }

    /// <summary>Runs what was chosen until here from its start, on a machine of its own, as a replay does.</summary>
    public ReplayReport RunAgain() =>
        new Replay(new Machine(_machine.Image)).Run(Schedule.ToArray(), Finding?.Class);

    private void Confirm(IReadOnlyList<Transition> way, FailureClass failure)
    {
        ReplayReport report = new Replay(new Machine(_machine.Image)).Run([.. Schedule, .. way], failure);
        if (!report.Reproduced)
        {
            throw new UsageException(
                $"a way to {failure.Name()} was found, and does not lead there again: the scenario depends on "
                + "something outside the machine");
        }
    }

    private void Advance(Transition transition)
    {
        int context = ContextOf(transition);
        var step = new PlayedStep(_steps.Count + 1, transition, context, Describe(transition))
        {
            Calls = transition.IsStep ? _machine.Calls(context) : [],
            IsPreemption = _last.IsPreemptedBy(transition, Enabled.ToArray()),
        };
        _changes.Begin();
        _enabled = null;
        _last = _last.After(transition);
        _machine.Perform(transition);
        MemoryChange[] changes = [.. _changes.End().Where(change => change.Role == Kernel.RegionRole.Kernel)];
        _steps.Add(step with { Changes = changes, State = _machine.StateHash() });
        if (Finding is null)
            _states.Keep(_steps.Count);

        Judge();
    }

    private void Judge()
    {
        _enabled = null;
        _machine.CheckReached();
    }
}
