using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Does recorded steps on a simulated machine, and says what is otherwise there.</summary>
/// <param name="machine">The machine; it stops in front of every operation, and can go back to what it was.</param>
/// <param name="objects">The names of what the steps concern.</param>
internal sealed class StepFollower(Machine machine, IReadOnlyList<string> objects)
{
    private readonly ResultWatch _results = new();
    private readonly List<Transition> _transitions = [];
    private int _untilFinding; // Transitions up to the first finding.

    /// <summary>What was found before the end; null if nothing.</summary>
    internal EarlierFinding? Earlier { get; private set; }

    /// <summary>What was done, up to the first finding.</summary>
    internal Transition[] Transitions => [.. Earlier is null ? _transitions : _transitions.Take(_untilFinding)];

    /// <summary>Boots the machine.</summary>
    internal void Begin()
    {
        machine.Observer = _results;
        machine.Reset();
        for (int task = 0; task < machine.Tasks.Count; task++)
            Settle(task, isWoken: true);
    }

    /// <summary>What threads notice only later, they have gone on after.</summary>
    /// <param name="steps">The number of steps that are done.</param>
    internal void NoteEarlierFinding(int steps)
    {
        if (machine.Finding is not { } finding)
            return;

        Earlier ??= new EarlierFinding(finding, steps);
        machine.ForgetFinding();
    }

    /// <summary>Does a step; yields what is not as it was recorded, null if nothing.</summary>
    internal string? Follow(RecordedStep step)
    {
        if (step.Task >= machine.Tasks.Count)
            return $"there is no task {step.Task}";

        if (step.Kind == OperationKind.Resume)
            Dispatch(step.Task);

        Operation pending = machine.Tasks.Pending(step.Task);
        if (pending.Kind != step.Kind)
            return $"task {step.Task} is about to do {pending.Kind}, and did {step.Kind}";

        if (OtherTarget(step, pending) is { } target)
            return $"task {step.Task} is about to do {step.Kind} with {target}, and did it with "
                + objects[step.Object];

        Transition transition = step.Kind == OperationKind.Choose
            ? Transition.Choose(step.Task, step.Result)
            : Transition.Step(step.Task);
        if (!IsEnabled(transition))
            return $"task {step.Task} cannot do {step.Kind} now";

        Perform(transition);
        if (machine.Finding is null && DifferentResult(step) is { } difference)
            return difference;

        Settle(step.Task, isWoken: step is { Kind: OperationKind.Schedule, Result: 0 });
        return null;
    }

    /// <summary>A task may be on its way into the operation that a check belongs to.</summary>
    internal void GoOn(int task)
    {
        if (machine.Finding is null && IsEnabled(Transition.Step(task)))
            Perform(Transition.Step(task));
    }

    /// <summary>What was done, and what the machine is now, to come back to.</summary>
    internal StepFollowerMark Mark() => new(new SavedState(machine), _transitions.Count, _untilFinding, Earlier);

    /// <summary>Only that was done.</summary>
    internal void Restore(StepFollowerMark mark)
    {
        mark.State.Restore();
        _transitions.RemoveRange(mark.Transitions, _transitions.Count - mark.Transitions);
        _untilFinding = mark.UntilFinding;
        Earlier = mark.Earlier;
    }

    private string? OtherTarget(RecordedStep step, Operation pending)
    {
        OperationTarget sort = OperationTable.Of(step.Kind).Target;
        return step.Object >= 0
            && sort is OperationTarget.Word or OperationTarget.SpinLock or OperationTarget.WaitQueue
            && machine.Image.NameOf(pending.Target) is var target
            && target != objects[step.Object]
                ? target
                : null;
    }

    private string? DifferentResult(RecordedStep step)
    {
        long? result = step.Kind switch
        {
            OperationKind.Schedule => _results.Last.Operation.Argument,
            OperationKind.TryAcquire or OperationKind.QueueTest or OperationKind.ReadOnce or OperationKind.FetchAdd
                or OperationKind.CompareExchange or OperationKind.CompareExchangeOld or OperationKind.Exchange =>
                _results.Last.Result,
            _ => null,
        };

        // On a machine whose CPUs are shared schedule() always leaves, if only to come back at once.
        bool mayDiffer = step.Kind == OperationKind.Schedule && !machine.Image.HasOwnCpus;
        return result is null || mayDiffer || result == step.Result
            ? null
            : $"{step.Kind} of task {step.Task} yields {result}, and yielded {step.Result}";
    }

    // What only a machine whose CPUs are shared has in between happens at once.
    private void Settle(int task, bool isWoken)
    {
        while (!machine.Image.IsPinned)
        {
            OperationKind kind = machine.Tasks.Operation(task);
            bool isOwn = kind is OperationKind.InterruptWindow or OperationKind.PreemptCheck or OperationKind.ArmLock
                || (isWoken && kind == OperationKind.Resume);
            bool begins = machine.Tasks.Cpu(task) < 0
                && machine.Tasks.Status(task) == ContextStatus.Runnable
                && isWoken;
            if (begins)
                Dispatch(task);
            else if (isOwn && IsEnabled(Transition.Step(task)))
                Perform(Transition.Step(task));
            else
                return;
        }
    }

    private void Dispatch(int task)
    {
        Transition dispatch = Transition.Dispatch(task, task);
        if (!machine.Image.IsPinned && IsEnabled(dispatch))
            Perform(dispatch);
    }

    private bool IsEnabled(Transition transition) => machine.Enabled().Contains(transition);

    private void Perform(Transition transition)
    {
        bool isFirst = machine.Finding is null && Earlier is null;
        _transitions.Add(transition);
        machine.Perform(transition);
        if (isFirst)
            _untilFinding = _transitions.Count;
    }

    /// <summary>Sees what the operation with which a step begins has yielded.</summary>
    private sealed class ResultWatch : IMachineObserver
    {
        internal PerformedOperation Last { get; private set; }

        public void OnOperation(int context, in PerformedOperation operation)
        {
            if (!operation.IsFused)
                Last = operation;
        }

        public void OnWoken(int task, bool slept)
        {
        }

        public void OnCount(KernelEvent what)
        {
        }

        public void OnOperationDone(int context)
        {
        }
    }
}

/// <summary>What a follower has done at some moment, and the machine then.</summary>
internal sealed record StepFollowerMark(
    SavedState State, int Transitions, int UntilFinding, EarlierFinding? Earlier);
