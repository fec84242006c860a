using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// What is wrong with an execution: asking the detectors and the scenario, and saying who and where.
/// </content>
public sealed partial class Machine
{
    /// <summary>Whose code runs, for people.</summary>
    internal string RunningCode => $"{NameOf(CurrentContext)} ({NameAtSpawn(CurrentContext)}) of {Image.Options.Name}";

    /// <summary>The context that holds a spin lock, -1 if nobody does.</summary>
    public int HolderOf(int spinLock) => Locks.HolderOf(spinLock);

    /// <summary>Whether a context may not sleep.</summary>
    public bool IsInAtomic(int context) => RunQueue.IsInAtomic(context);

    /// <summary>The kind of interrupt that a context handles; null for a task.</summary>
    public InterruptKind? KindOf(int context) => Interrupts.SourceOf(context)?.Kind;

    /// <summary>
    /// The call chain of a suspended context, innermost first, under C names; a lambda goes by the name of its task or
    /// interrupt.
    /// </summary>
    public IReadOnlyList<string> CallChain(int context) =>
        KernelCallChain.OfSuspended(Stack(context).Top, NameAtSpawn(context));

    /// <summary><see cref="CallChain"/>, with the line of the source at which each call stands.</summary>
    public IReadOnlyList<KernelCall> Calls(int context) =>
        KernelCallChain.CallsOfSuspended(Stack(context).Top, NameAtSpawn(context));

    /// <summary>The name of a context, for people: "task 1".</summary>
    public string NameOf(int context) => Interrupts.SourceOf(context) is { } source
        ? $"{source.Name} on CPU {(context - Tasks.Count) % Cpus.Count}"
        : $"task {context}";

    string IContextReports.NameOfWord(int address) => Image.NameOf(address);

    string IContextReports.NameAtSpawn(int context) => NameAtSpawn(context);

    string IContextReports.RunningChain() => RunningChain();

    string IContextReports.PlaceOf(int context)
    {
        if (Stack(context).Top is not null)
            return string.Join(" <- ", CallChain(context));

        return context < Tasks.Count ? $"{Image.Tasks[context].Name}, which has ended" : NameOf(context);
    }

    /// <summary>What the scenario says that a task wants and holds.</summary>
    public IReadOnlyList<string> WantsOf(int task)
    {
        MakeCurrent();
        return [.. Image.WaitExplanations.SelectMany(explain => explain(new TaskId(task)))];
    }

    /// <summary>Shows the present state to the detectors that look at every one.</summary>
    public void CheckState()
    {
        Runner.BeginLook();
        try
        {
            Detectors.CheckState();
        }
        finally
        {
            Runner.EndLook();
        }
    }

    /// <summary>
    /// Judges the state that a schedule has led to: its end if nothing is enabled, and what must hold in every state.
    /// </summary>
    public void CheckReached()
    {
        MakeCurrent();
        if (Finding is null && Enabled().IsEmpty)
            Conclude();

        if (Finding is null)
            CheckState();
    }

    /// <summary>
    /// Tells the detectors that no transition is enabled any more; asks the scenario if everybody has finished.
    /// </summary>
    public void Conclude()
    {
        MakeCurrent();
        Detectors.CheckQuiescence();
    }

    /// <summary>Looks how deep the contexts are in calls: a recursion whose calls make steps fills no stack.</summary>
    /// <exception cref="KernelMisuseException">It is deeper than any that ends.</exception>
    internal void RefuseEndlessRecursion()
    {
        for (int context = 0; context < Tasks.Contexts; context++)
        {
            int calls = 0;
            Frame? top = Runner.Stack(context).Top;
            for (Frame? frame = top; frame is not null; frame = frame.Parent)
            {
                if (++calls > ContextDeath.CallsMax)
                    throw ContextDeath.TooDeep(this, context, top!.Type.Function);
            }
        }
    }

    /// <summary>
    /// The calls that the running context is in, or that whose pending operation is being performed.
    /// </summary>
    internal IReadOnlyList<KernelCall> RunningCalls() => Stack(CurrentContext).IsDone
        ? KernelCallChain.CallsOfRunning(Stack(CurrentContext), NameAtSpawn(CurrentContext))
        : Calls(CurrentContext);

    /// <summary>
    /// A function that the running context calls, at its first line; null if it is a piece of its caller.
    /// </summary>
    internal KernelCall? CallOf(Type stateMachine, string? caller) =>
        KernelCallChain.Called(stateMachine, caller, NameAtSpawn(CurrentContext));

    /// <summary>
    /// The call chain of the context that runs right now, or whose pending operation is being performed, as one line.
    /// </summary>
    internal string RunningChain()
    {
        int context = CurrentContext;
        return string.Join(" <- ", Stack(context).IsDone
            ? KernelCallChain.OfRunning(Stack(context), NameAtSpawn(context))
            : CallChain(context));
    }

    /// <summary>What the scenario has called a task or an interrupt.</summary>
    internal string NameAtSpawn(int context) => Interrupts.SourceOf(context)?.Name ?? Image.Tasks[context].Name;
}
