using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Traces;

/// <summary>One execution in words: who did what, in which kernel function, and what that changed.</summary>
/// <param name="Report">What the replay has shown.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Contexts">The names of the contexts, by number.</param>
public sealed record ExecutionTrace(ReplayReport Report, IReadOnlyList<TraceStep> Steps, IReadOnlyList<string> Contexts)
{
    /// <summary>What was there before the first step.</summary>
    public TraceStart Start { get; init; } = TraceStart.Empty;

    /// <summary>What the scenario says, of each task, that it wants and holds at the end; in its own words.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Wants { get; init; } = [];

    /// <summary>Runs a schedule again and takes down each step.</summary>
    public static ExecutionTrace Record(
        Machine machine,
        ReadOnlySpan<Transition> transitions,
        FailureClass? expected,
        int loop = 0)
    {
        ArgumentNullException.ThrowIfNull(machine);
        Transition[] schedule = [.. transitions];
        ExecutionTrace? trace = null;
        ExceptionDispatchInfo? thrown = null;

        // To see where code stands, each time the whole stack of the thread is walked: this one has hardly any.
        var thread = new Thread(() =>
        {
            try
            {
                trace = RecordHere(machine, schedule, expected, loop);
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        thrown?.Throw();
        return trace!;
    }

    private static ExecutionTrace RecordHere(
        Machine machine, Transition[] transitions, FailureClass? expected, int loop)
    {
        var probe = new WriterProbe(machine);
        machine.Observer = probe;
        new Replay(machine, probe).Run(transitions, expected, loop);
        var recorder = new StepRecorder(machine, probe);
        var tracer = new Tracer(recorder);
        machine.Observer = recorder;
        ReplayReport report = new Replay(machine, tracer).Run(transitions, expected, loop);
        machine.Observer = null;
        string[] names = [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(machine.NameOf)];
        return new ExecutionTrace(report, tracer.Steps, names)
        {
            Start = tracer.Start,
            Wants = [.. Enumerable.Range(0, machine.Tasks.Count).Select(machine.WantsOf)],
        };
    }

    /// <summary>Begins and ends what is taken down, step by step.</summary>
    private sealed class Tracer(StepRecorder recorder) : IExecutionObserver
    {
        private MomentLog? _moments;

        internal List<TraceStep> Steps { get; } = [];

        internal TraceStart Start { get; private set; } = TraceStart.Empty;

        public void OnBegin(Machine machine)
        {
            _moments = new MomentLog(machine);
            Start = new TraceStart(
                new MemoryChanges(machine).Cells(), _moments.Contexts, _moments.Cpus, recorder.EndBoot());
        }

        public void OnChosen(in SchedulingPoint point, Transition choice)
        {
            int context = ContextOf(point.Machine, choice);
            Steps.Add(new TraceStep(point.Step + 1, choice, context)
            {
                Cpu = choice.IsStep ? point.Machine.Tasks.Cpu(context) : choice.Subject,
            });
            recorder.Begin(Describe(point.Machine, choice, context), context);
        }

        public void OnPerformed(Machine machine, int step, Transition choice)
        {
            IReadOnlyList<TraceOperation> operations = recorder.End();
            Steps[^1] = Steps[^1] with
            {
                Operations = operations,
                Events = recorder.Events,
                Contexts = _moments!.ContextsChanged(machine.CurrentContext),
                Cpus = _moments.CpusChanged(),
            };
        }
    }

    private static int ContextOf(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Step or TransitionKind.Choose => transition.Subject,
        TransitionKind.Dispatch => transition.Argument,
        _ => Math.Max(0, machine.Cpus.Current(transition.Subject)),
    };

    private static TraceOperation Describe(Machine machine, Transition transition, int context) =>
        new(
            transition.IsStep ? machine.Calls(context) : [],
            transition.Kind == TransitionKind.Step
                ? OperationText.Describe(machine, context)
                : OperationText.Describe(machine, transition));
}

/// <summary>One step of an <see cref="ExecutionTrace"/>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Transition">What was chosen.</param>
/// <param name="Context">Whom it concerns.</param>
public sealed record TraceStep(int Number, Transition Transition, int Context)
{
    /// <summary>The CPU that it happens on; negative if on none.</summary>
    public int Cpu { get; init; } = -1;

    /// <summary>What has happened in it, in order: first what was announced.</summary>
    public IReadOnlyList<TraceOperation> Operations { get; init; } = [];

    /// <summary>The same and more, one thing after the other: calls, operations, writes, wake-ups, returns.</summary>
    public IReadOnlyList<TraceEvent> Events { get; init; } = [];

    /// <summary>The contexts that it has left otherwise than they were, be it by what others may do now.</summary>
    public IReadOnlyList<ContextChange> Contexts { get; init; } = [];

    /// <summary>The CPUs that it has left otherwise than they were.</summary>
    public IReadOnlyList<CpuChange> Cpus { get; init; } = [];
}

/// <summary>What a trace begins with.</summary>
/// <param name="Cells">Memory: all words that are not the machine's own.</param>
/// <param name="Contexts">The contexts, by number.</param>
/// <param name="Cpus">The CPUs, by number.</param>
/// <param name="Calls">What tasks have called until each stands in front of its first operation.</param>
public sealed record TraceStart(
    IReadOnlyList<MemoryCell> Cells,
    IReadOnlyList<ContextMoment> Contexts,
    IReadOnlyList<CpuMoment> Cpus,
    IReadOnlyList<TraceEvent> Calls)
{
    internal static TraceStart Empty { get; } = new([], [], [], []);
}

/// <summary>
/// A part of a <see cref="TraceStep"/>: an operation, plain code that has changed something, or what the machine has
/// noted at the end of the step.
/// </summary>
/// <param name="Calls">
/// The kernel functions that it happened in and where they stood, innermost first; none if it was not kernel code.
/// </param>
/// <param name="Text">What was done, with the kernel's names; empty for plain code.</param>
public sealed record TraceOperation(IReadOnlyList<KernelCall> Calls, string Text)
{
    /// <summary>The innermost kernel function that it happened in; empty if it was none.</summary>
    public string Function => Calls is [var innermost, ..] ? innermost.Function : "";

    /// <summary>Where in the source that was; null if nobody knows.</summary>
    public SourceLine? Source => Calls is [var innermost, ..] ? innermost.Source : null;

    /// <summary>The operation; none for plain code, and for transitions that are no steps.</summary>
    public OperationKind Kind { get; init; }

    /// <summary>It was performed on the way, without stopping in front of it.</summary>
    public bool IsFused { get; init; }

    /// <summary>The word of the spin lock that it takes or releases; negative if none.</summary>
    public int SpinLock { get; init; } = -1;

    /// <summary>The word, or the wait queue, that it reads or writes; negative if none.</summary>
    public int Word { get; init; } = -1;

    /// <summary>What it has yielded, in words; empty if nothing.</summary>
    public string Result { get; init; } = "";

    /// <summary>All that it has changed in the machine's memory, be it the kernel's or not.</summary>
    public IReadOnlyList<MemoryChange> Changes { get; init; } = [];

    /// <summary>The tasks that it has woken.</summary>
    public IReadOnlyList<int> Woken { get; init; } = [];
}
