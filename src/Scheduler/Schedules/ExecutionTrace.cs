using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>One execution in words: who did what, in which kernel function, and what that changed.</summary>
/// <param name="Report">What the replay has shown.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Contexts">The names of the contexts, by number.</param>
public sealed record ExecutionTrace(ReplayReport Report, IReadOnlyList<TraceStep> Steps, IReadOnlyList<string> Contexts)
{
    /// <summary>Runs a schedule again and takes down each step.</summary>
    public static ExecutionTrace Record(Machine machine, ReadOnlySpan<Transition> transitions, FailureClass? expected, int loop = 0)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var recorder = new StepRecorder(machine);
        var tracer = new Tracer(recorder);
        machine.Observer = recorder;
        ReplayReport report = new Replay(machine, tracer).Run(transitions, expected, loop);
        machine.Observer = null;
        string[] names = [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(machine.NameOf)];
        return new ExecutionTrace(report, tracer.Steps, names);
    }

    /// <summary>Begins and ends what is taken down, step by step.</summary>
    private sealed class Tracer(StepRecorder recorder) : IExecutionObserver
    {
        internal List<TraceStep> Steps { get; } = [];

        public void OnChosen(in SchedulingPoint point, Transition choice)
        {
            Steps.Add(new TraceStep(point.Step + 1, choice, ContextOf(point.Machine, choice)));
            recorder.Begin(Describe(point.Machine, choice, Steps[^1].Context));
        }

        public void OnPerformed(Machine machine, int step, Transition choice) =>
            Steps[^1] = Steps[^1] with { Operations = recorder.End() };
    }

    private static int ContextOf(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Step or TransitionKind.Choose => transition.Subject,
        TransitionKind.Dispatch => transition.Argument,
        _ => Math.Max(0, machine.Cpus.Current(transition.Subject)),
    };

    private static TraceOperation Describe(Machine machine, Transition transition, int context) => new(
        transition.IsStep && machine.CallChain(context) is [var innermost, ..] ? innermost : "",
        transition.Kind == TransitionKind.Step ? OperationText.Describe(machine, context) : OperationText.Describe(machine, transition));
}

/// <summary>One step of an <see cref="ExecutionTrace"/>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Transition">What was chosen.</param>
/// <param name="Context">Whom it concerns.</param>
public sealed record TraceStep(int Number, Transition Transition, int Context)
{
    /// <summary>What has happened in it, in order: first what was announced.</summary>
    public IReadOnlyList<TraceOperation> Operations { get; init; } = [];
}

/// <summary>A part of a <see cref="TraceStep"/>: an operation, or plain code that has changed something.</summary>
/// <param name="Function">The innermost kernel function that it happened in; empty if it was none.</param>
/// <param name="Text">What was done, with the kernel's names; empty for plain code.</param>
public sealed record TraceOperation(string Function, string Text)
{
    /// <summary>The operation; none for plain code, and for transitions that are no steps.</summary>
    public OperationKind Kind { get; init; }

    /// <summary>It was performed on the way, without stopping in front of it.</summary>
    public bool IsFused { get; init; }

    /// <summary>What it has yielded, in words; empty if nothing.</summary>
    public string Result { get; init; } = "";

    /// <summary>What it has changed in kernel memory.</summary>
    public IReadOnlyList<MemoryChange> Changes { get; init; } = [];

    /// <summary>The tasks that it has woken.</summary>
    public IReadOnlyList<int> Woken { get; init; } = [];
}
