using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

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
        var steps = new List<TraceStep>();
        var changes = new MemoryChanges(machine);
        var wakes = new WakeObserver();
        TraceStep next = null!;
        machine.Observer = wakes;
        var replay = new Replay(machine)
        {
            Before = (step, transition) =>
            {
                wakes.Woken.Clear();
                changes.Begin();
                next = Describe(machine, step, transition);
            },
            After = (_, _) => steps.Add(next with { Changes = changes.End(), Woken = [.. wakes.Woken] }),
        };
        ReplayReport report = replay.Run(transitions, expected, loop);
        machine.Observer = null;
        return new ExecutionTrace(report, steps, [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(machine.NameOf)]);
    }

    private static TraceStep Describe(Machine machine, int step, Transition transition)
    {
        int context = transition.Kind switch
        {
            TransitionKind.Step or TransitionKind.Choose => transition.Subject,
            TransitionKind.Dispatch => transition.Argument,
            _ => Math.Max(0, machine.Cpus.Current(transition.Subject)),
        };
        bool isStep = transition.IsStep;
        return new TraceStep(step + 1, transition, context)
        {
            Function = isStep && machine.CallChain(context) is [var innermost, ..] ? innermost : "",
            Operation = transition.Kind == TransitionKind.Step ? OperationText.Describe(machine, context) : OperationText.Describe(machine, transition),
        };
    }

    private sealed class WakeObserver : IMachineObserver
    {
        internal List<int> Woken { get; } = [];

        public void OnOperation(int context, OperationKind kind, int target, int argument, bool fused)
        {
        }

        public void OnWoken(int task, bool slept) => Woken.Add(task);

        public void OnCount(KernelEvent what)
        {
        }

        public void OnOperationDone(int context)
        {
        }
    }
}

/// <summary>One step of an <see cref="ExecutionTrace"/>.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Transition">What was chosen.</param>
/// <param name="Context">Whom it concerns.</param>
public sealed record TraceStep(int Number, Transition Transition, int Context)
{
    /// <summary>The innermost kernel function that the context is in; empty if it performs none.</summary>
    public string Function { get; init; } = "";

    /// <summary>What it does, with the kernel's names.</summary>
    public string Operation { get; init; } = "";

    /// <summary>What that has changed in kernel memory.</summary>
    public IReadOnlyList<MemoryChange> Changes { get; init; } = [];

    /// <summary>The tasks that it has woken.</summary>
    public IReadOnlyList<int> Woken { get; init; } = [];
}
