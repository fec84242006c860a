using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// Hard and soft interrupts: where they may fire, and what they run on top of (kernel/irq/handle.c, kernel/softirq.c).
/// </content>
/// <remarks>
/// A handler has a context of its own on each CPU, so it never runs twice on one; it starts with the preempt_count of
/// whom it interrupts.
/// </remarks>
public sealed partial class Machine
{
    private const int SoftirqOffset = 1 << 8;
    private const int HardirqOffset = 1 << 16;
    private const int InterruptMask = 0x0FFF_FF00; // The softirq and hardirq bits of preempt_count.

    /// <summary>in_interrupt(): a handler runs, or bottom halves are off.</summary>
    internal static bool IsInInterrupt(int preemptCount) => (preemptCount & InterruptMask) != 0;

    /// <summary>
    /// Whether a context may not sleep: in_atomic(), interrupts off, or a spin lock held, which without CONFIG_PREEMPT
    /// no count tells.
    /// </summary>
    public bool IsInAtomic(int context) =>
        (Tasks.PreemptCount(context) & PreemptMask) != 0 || Tasks.Locks(context) != 0 || Cpus.IrqsDisabled(Tasks.Cpu(context));

    /// <summary>preempt_count with which a context has begun, and with which it must end.</summary>
    public int PreemptCountAtStart(int context)
    {
        if (KindOf(context) is not { } kind)
            return 0;

        int interrupted = Tasks.Interrupted(context);
        return (interrupted < 0 ? 0 : Tasks.PreemptCount(interrupted)) + (kind == InterruptKind.Hard ? HardirqOffset : SoftirqOffset);
    }

    /// <summary>The kind of interrupt that a context handles; null for a task.</summary>
    public InterruptKind? KindOf(int context) =>
        context < Tasks.Count ? null : _image.Interrupts[(context - Tasks.Count) / Cpus.Count].Kind;

    private int AddInterrupts(int cpu, int count)
    {
        if (_image.Interrupts.Count == 0 || Cpus.IrqsDisabled(cpu))
            return count;

        for (int interrupt = 0; interrupt < _image.Interrupts.Count; interrupt++)
        {
            if (MayFire(cpu, interrupt))
                _enabled[count++] = Transition.Interrupt(cpu, interrupt);
        }

        return count;
    }

    private bool MayFire(int cpu, int interrupt)
    {
        InterruptSource source = _image.Interrupts[interrupt];
        if (Tasks.Status(HandlerOn(cpu, interrupt)) != ContextStatus.Idle)
            return false;

        if (source.Kind == InterruptKind.Soft && IsCpuInInterrupt(cpu))
            return false;

        // On its way out of a shootdown a CPU runs soft interrupts only.
        if (source.Kind == InterruptKind.Hard && Cpus.Shootdown(cpu) == ShootdownAnswer.Finish && !IsCpuInInterrupt(cpu))
            return false;

        return source.Limit == 0 ? IsAnyTaskLeft() : Memory[_image.InterruptBase + interrupt] < source.Limit;
    }

    /// <summary>in_interrupt() of whatever runs on a CPU.</summary>
    private bool IsCpuInInterrupt(int cpu)
    {
        int current = Cpus.Current(cpu);
        return current >= 0 && IsInInterrupt(Tasks.PreemptCount(current));
    }

    private bool IsAnyTaskLeft()
    {
        for (int task = 0; task < Tasks.Count; task++)
        {
            if (Tasks.Status(task) is ContextStatus.Runnable or ContextStatus.Asleep)
                return true;
        }

        return false;
    }

    private void Fire(int cpu, int interrupt)
    {
        InterruptSource source = _image.Interrupts[interrupt];
        if (source.Limit != 0)
            Memory[_image.InterruptBase + interrupt]++;

        int context = HandlerOn(cpu, interrupt);
        Tasks.SetInterrupted(context, Cpus.Current(cpu));
        Tasks.SetPreemptCount(context, PreemptCountAtStart(context));
        Tasks.SetStatus(context, ContextStatus.Runnable);
        Place(context, cpu);
        if (source.Kind == InterruptKind.Hard)
            Cpus.SetIrqsDisabled(cpu, true);

        Begin(context, source.Handler);
    }

    private void ReturnFromInterrupt(int context)
    {
        int cpu = Tasks.Cpu(context);
        Cpus.SetCurrent(cpu, Tasks.Interrupted(context));
        Cpus.SetIrqsDisabled(cpu, false); // iret: they were on, or the interrupt could not have come.
        Tasks.Clear(context);
    }

    private int HandlerOn(int cpu, int interrupt) => Tasks.Count + (interrupt * Cpus.Count) + cpu;

    /// <summary>
    /// Whether the running context is a handler that has, directly or not, interrupted <paramref name="other"/>.
    /// </summary>
    private bool RunsOnTopOf(int other)
    {
        for (int below = Tasks.Interrupted(_current); below >= 0; below = Tasks.Interrupted(below))
        {
            if (below == other)
                return true;
        }

        return false;
    }

    /// <summary>current->state = state; in a handler, current is the task that was interrupted.</summary>
    private void SetState(int context, TaskState state)
    {
        while (context >= Tasks.Count)
            context = Tasks.Interrupted(context);

        if (context >= 0)
            Tasks.SetState(context, state);
    }
}
