using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Does on the simulated machine what threads have done, step by step, and compares.</summary>
/// <remarks>
/// The same code runs on both, so a task stands in front of the operation that comes next in the recording, or
/// something is wrong: the kind, the object and what the operation yields are compared at each step, and whatever
/// differs ends the replay. The machine stops in front of every operation (<see cref="SchedulingPoints.All"/>).
/// </remarks>
public sealed class RecordingReplay
{
    private readonly Machine _machine;
    private readonly Recording _recording;
    private readonly ResultWatch _results = new();
    private readonly List<Transition> _transitions = [];
    private EarlierFinding? _earlier;
    private int _untilFinding; // Transitions up to the first finding.
    private int _steps;

    /// <summary>A replay on this machine.</summary>
    /// <exception cref="UsageException">The machine does not stop in front of every operation.</exception>
    public RecordingReplay(Machine machine, Recording recording)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(recording);
        if (machine.Image.Options.Points != SchedulingPoints.All)
            throw new UsageException("a recording is replayed on a machine that stops in front of every operation");

        _machine = machine;
        _recording = recording;
    }

    /// <summary>Runs all of it.</summary>
    public RecordingReport Run()
    {
        _machine.Observer = _results;
        _machine.Reset();
        for (int task = 0; task < _machine.Tasks.Count; task++)
            Settle(task, isWoken: true);

        IReadOnlyList<RecordedStep> steps = _recording.Run.Steps;
        for (_steps = 0; _steps < steps.Count; _steps++)
        {
            NoteEarlierFinding();
            if (Follow(steps[_steps]) is { } divergence)
                return Report(divergence);
        }

        if (_recording.IsCutOff)
            return Report(null);

        return _recording.Run.Finder >= 0 ? JudgeFinding() : JudgeEnd();
    }

    // What threads notice only later, they have gone on after.
    private void NoteEarlierFinding()
    {
        if (_machine.Finding is not { } finding)
            return;

        _earlier ??= new EarlierFinding(finding, _steps);
        _machine.ForgetFinding();
    }

    private string? Follow(RecordedStep step)
    {
        if (step.Task >= _machine.Tasks.Count)
            return $"there is no task {step.Task}";

        if (step.Kind == OperationKind.Resume)
            Dispatch(step.Task);

        Operation pending = _machine.Tasks.Pending(step.Task);
        if (pending.Kind != step.Kind)
            return $"task {step.Task} is about to do {pending.Kind}, and did {step.Kind}";

        if (step.Object >= 0
            && _machine.Image.NameOf(pending.Target) is var target
            && target != _recording.Run.Objects[step.Object])
        {
            return $"task {step.Task} is about to do {step.Kind} with {target}, and did it with "
                + _recording.Run.Objects[step.Object];
        }

        Transition transition = step.Kind == OperationKind.Choose
            ? Transition.Choose(step.Task, step.Result)
            : Transition.Step(step.Task);
        if (!IsEnabled(transition))
            return $"task {step.Task} cannot do {step.Kind} now";

        Perform(transition);
        if (_machine.Finding is null && DifferentResult(step) is { } difference)
            return difference;

        Settle(step.Task, isWoken: step is { Kind: OperationKind.Schedule, Result: 0 });
        return null;
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
        bool mayDiffer = step.Kind == OperationKind.Schedule && !_machine.Image.HasOwnCpus;
        return result is null || mayDiffer || result == step.Result
            ? null
            : $"{step.Kind} of task {step.Task} yields {result}, and yielded {step.Result}";
    }

    private RecordingReport JudgeFinding()
    {
        // A task may be on its way into the operation that a check belongs to.
        int finder = _recording.Run.Finder;
        if (_machine.Finding is null && IsEnabled(Transition.Step(finder)))
            Perform(Transition.Step(finder));

        return Report(null);
    }

    private RecordingReport JudgeEnd()
    {
        if (_recording.Experiment.Verdict is { } verdict && !_machine.Enabled().IsEmpty)
            return Report($"this is where the threads show {verdict.Name()}, and tasks can still run");

        NoteEarlierFinding();
        _machine.CheckReached();
        int compared = 0;
        string? different = null;
        foreach (FinalWords words in _recording.Run.Words)
            different ??= Compare(words, ref compared);

        return Report(null) with
        {
            WordsCompared = compared,
            DifferentWord = different,
            Reproduced = different is null && IsAsRecorded(),
        };
    }

    private string? Compare(FinalWords words, ref int compared)
    {
        MemoryRegion[] regions = [.. _machine.Image.Regions.Where(region => region.Name == words.Name)];
        if (regions.Length != 1 || regions[0].Length != words.Words.Count)
            return null; // Several have that name, or it is the threads' own.

        for (int i = 0; i < words.Words.Count; i++)
        {
            compared++;
            int address = regions[0].Start + i;
            if (_machine.Memory[address] != words.Words[i])
                return $"{_machine.Image.NameOf(address)} is {_machine.Memory[address]}, and was {words.Words[i]}";
        }

        return null;
    }

    private RecordingReport Report(string? divergence)
    {
        bool isSame = !_recording.IsCutOff && IsAsRecorded();
        return new RecordingReport
        {
            Steps = _steps,
            Finding = _machine.Finding,
            Earlier = _earlier,
            Divergence = divergence,
            Reproduced = divergence is null && isSame,
            Transitions = [.. _earlier is null ? _transitions : _transitions.Take(_untilFinding)],
        };
    }

    // The same class, of the same task, in the same words; the simulated machine may know more to say.
    private bool IsAsRecorded()
    {
        if (_machine.Finding is not { } finding)
            return _recording.Experiment.Verdict is null;

        int finder = _recording.Run.Finder;
        return finding.Class == _recording.Experiment.Verdict
            && finding.FirstLine.StartsWith(_recording.Experiment.Message, StringComparison.Ordinal)
            && (finder < 0 || finder == _machine.CurrentContext);
    }

    // What only a machine whose CPUs are shared has in between happens at once.
    private void Settle(int task, bool isWoken)
    {
        while (!_machine.Image.IsPinned)
        {
            OperationKind kind = _machine.Tasks.Operation(task);
            bool isOwn = kind is OperationKind.InterruptWindow or OperationKind.PreemptCheck or OperationKind.ArmLock
                || (isWoken && kind == OperationKind.Resume);
            bool begins = _machine.Tasks.Cpu(task) < 0
                && _machine.Tasks.Status(task) == ContextStatus.Runnable
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
        if (!_machine.Image.IsPinned && IsEnabled(dispatch))
            Perform(dispatch);
    }

    private bool IsEnabled(Transition transition) => _machine.Enabled().Contains(transition);

    private void Perform(Transition transition)
    {
        bool isFirst = _machine.Finding is null && _earlier is null;
        _transitions.Add(transition);
        _machine.Perform(transition);
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
