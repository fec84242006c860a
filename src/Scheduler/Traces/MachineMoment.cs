using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Traces;

/// <summary>What a context does at a moment between two steps.</summary>
public enum ContextActivity
{
    /// <summary>It is an interrupt handler that does not run.</summary>
    Idle,

    /// <summary>It is runnable and has no CPU.</summary>
    Ready,

    /// <summary>It has a CPU and can go on.</summary>
    Running,

    /// <summary>It has a CPU and spins for a lock that is taken.</summary>
    Spinning,

    /// <summary>It has a CPU and waits for a word, or for answers of other CPUs.</summary>
    Waiting,

    /// <summary>It sleeps until somebody wakes it.</summary>
    Asleep,

    /// <summary>An interrupt runs on top of it.</summary>
    Interrupted,

    /// <summary>It has returned.</summary>
    Ended,

    /// <summary>It has hit a BUG.</summary>
    Dead,
}

/// <summary>A context at a moment between two steps.</summary>
/// <param name="Activity">What it does.</param>
/// <param name="Cpu">The CPU that it is on; negative if on none.</param>
/// <param name="PreemptCount">Its preempt_count.</param>
/// <param name="Pending">The operation that it stands in front of, in words; empty if it is in none.</param>
/// <param name="WaitsFor">The lock, word or wait queue that keeps it from going on; empty if nothing does.</param>
/// <param name="Calls">Where it stands, innermost first.</param>
public sealed record ContextMoment(
    ContextActivity Activity,
    int Cpu,
    int PreemptCount,
    string Pending,
    string WaitsFor,
    IReadOnlyList<KernelCall> Calls)
{
    /// <summary>What a context of a machine does now.</summary>
    /// <param name="machine">The machine, between two steps.</param>
    /// <param name="context">Which.</param>
    /// <param name="calls">Where it stands, which changes only when it steps.</param>
    /// <param name="announced">What it is about to do, in words; null for words of now.</param>
    internal static ContextMoment Of(
        Machine machine, int context, IReadOnlyList<KernelCall> calls, AnnouncedText? announced = null)
    {
        ContextActivity activity = ActivityOf(machine, context);
        bool isThere = activity is not (ContextActivity.Idle or ContextActivity.Ended or ContextActivity.Dead);
        return new ContextMoment(
            activity,
            machine.Tasks.Cpu(context),
            machine.Tasks.PreemptCount(context),
            isThere && machine.Tasks.Operation(context) != OperationKind.None
                ? (announced ?? new AnnouncedText(machine, context)).Now()
                : "",
            WaitOf(machine, context, activity),
            isThere ? calls : []);
    }

    private static ContextActivity ActivityOf(Machine machine, int context)
    {
        int cpu = machine.Tasks.Cpu(context);
        return machine.Tasks.Status(context) switch
        {
            ContextStatus.Idle => ContextActivity.Idle,
            ContextStatus.Asleep => ContextActivity.Asleep,
            ContextStatus.Finished => ContextActivity.Ended,
            ContextStatus.Dead => ContextActivity.Dead,
            _ when cpu < 0 => ContextActivity.Ready,
            _ when machine.Cpus.Current(cpu) != context => ContextActivity.Interrupted,
            _ when machine.IsReady(context) => ContextActivity.Running,
            _ => OperationTable.Of(machine.Tasks.Operation(context)).Waits == WaitCondition.Free
                ? ContextActivity.Spinning
                : ContextActivity.Waiting,
        };
    }

    private static string WaitOf(Machine machine, int context, ContextActivity activity)
    {
        Operation pending = machine.Tasks.Pending(context);
        return activity switch
        {
            ContextActivity.Spinning => machine.Image.NameOf(pending.Target),
            ContextActivity.Waiting when OperationTable.Of(pending.Kind).Waits == WaitCondition.Compares =>
                machine.Image.NameOf(pending.Target),
            ContextActivity.Waiting when OperationTable.Of(pending.Kind).Waits == WaitCondition.Answered =>
                string.Join(", ", machine.Shootdowns.Owing.Select(cpu => $"CPU {cpu}")),
            ContextActivity.Asleep => string.Join(
                ", ",
                machine.Image.WaitQueues
                    .Where(queue => machine.Queues.Contains(queue.Address, context))
                    .Select(queue => queue.Name)),
            _ => "",
        };
    }
}

/// <summary>What a context stands in front of, in words, which are made anew only if it is something else.</summary>
internal sealed class AnnouncedText(Machine machine, int context)
{
    private Operation _operation;
    private string? _text;

    internal string Now()
    {
        Operation operation = OperationText.Announced(machine, context);
        if (_text is not null && operation == _operation)
            return _text;

        _operation = operation;
        return _text = OperationText.Describe(machine, operation);
    }
}

/// <summary>A CPU at a moment between two steps.</summary>
/// <param name="Current">The context that it runs; negative if it is idle.</param>
/// <param name="IrqsDisabled">Whether interrupts are off.</param>
/// <param name="Owes">What it still owes the sender of a TLB flush.</param>
public readonly record struct CpuMoment(int Current, bool IrqsDisabled, ShootdownAnswer Owes)
{
    internal static CpuMoment Of(Machine machine, int cpu) =>
        new(machine.Cpus.Current(cpu), machine.Cpus.IrqsDisabled(cpu), machine.Cpus.Shootdown(cpu));
}

/// <summary>A context that a step has left otherwise than it was.</summary>
public readonly record struct ContextChange(int Context, ContextMoment Now);

/// <summary>A CPU that a step has left otherwise than it was.</summary>
public readonly record struct CpuChange(int Cpu, CpuMoment Now);
