using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>
/// Hard and soft interrupts: where they may fire, and what they run on top of (kernel/irq/handle.c, kernel/softirq.c).
/// </summary>
/// <remarks>
/// A handler has a context of its own on each CPU, so it never runs twice on one; it starts with the preempt_count of
/// whom it interrupts.
/// </remarks>
internal sealed class InterruptController
{
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly CpuTable _cpus;
    private readonly IReadOnlyList<InterruptSource> _sources;
    private readonly int _firedBase;

    /// <summary>
    /// The controller of these sources; how often each has fired is counted in the words from
    /// <paramref name="firedBase"/> on.
    /// </summary>
    internal InterruptController(
        KernelWords memory,
        TaskTable tasks,
        CpuTable cpus,
        IReadOnlyList<InterruptSource> sources,
        int firedBase)
    {
        _memory = memory;
        _tasks = tasks;
        _cpus = cpus;
        _sources = sources;
        _firedBase = firedBase;
    }

    /// <summary>The source that a context handles; null for a task.</summary>
    internal InterruptSource? SourceOf(int context) =>
        context < _tasks.Count ? null : _sources[(context - _tasks.Count) / _cpus.Count];

    /// <summary>preempt_count with which a context has begun, and with which it must end.</summary>
    internal int PreemptCountAtStart(int context)
    {
        if (SourceOf(context) is not { } source)
            return 0;

        int interrupted = _tasks.Interrupted(context);
        int below = interrupted < 0 ? 0 : _tasks.PreemptCount(interrupted);
        return below
            + (source.Kind == InterruptKind.Hard ? PreemptCount.HardirqOffset : PreemptCount.SoftirqOffset);
    }

    /// <summary>Lists the interrupts that may fire on a CPU behind the first <paramref name="count"/>.</summary>
    internal int AddEnabled(int cpu, Transition[] enabled, int count)
    {
        if (_sources.Count == 0 || _cpus.IrqsDisabled(cpu))
            return count;

        for (int interrupt = 0; interrupt < _sources.Count; interrupt++)
        {
            if (MayFire(cpu, interrupt))
                enabled[count++] = Transition.Interrupt(cpu, interrupt);
        }

        return count;
    }

    /// <summary>Whether an interrupt may fire on a CPU.</summary>
    internal bool CanFire(int cpu, int interrupt) => !_cpus.IrqsDisabled(cpu) && MayFire(cpu, interrupt);

    /// <summary>in_interrupt() of whatever runs on a CPU.</summary>
    internal bool IsCpuInInterrupt(int cpu)
    {
        int current = _cpus.Current(cpu);
        return current >= 0 && PreemptCount.IsInInterrupt(_tasks.PreemptCount(current));
    }

    /// <summary>Whether a CPU on its way out of a hard interrupt runs a soft one.</summary>
    internal bool IsSoftInterruptDue(int cpu)
    {
        for (int interrupt = 0; interrupt < _sources.Count; interrupt++)
        {
            if (_sources[interrupt].Kind == InterruptKind.Soft && MayFire(cpu, interrupt))
                return true;
        }

        return false;
    }

    /// <summary>An interrupt comes: the context of its handler, which is on the CPU now.</summary>
    internal int Fire(int cpu, int interrupt)
    {
        InterruptSource source = _sources[interrupt];
        if (source.Limit != 0)
            _memory[_firedBase + interrupt]++;

        int context = HandlerOn(cpu, interrupt);
        _tasks.SetInterrupted(context, _cpus.Current(cpu));
        _tasks.SetPreemptCount(context, PreemptCountAtStart(context));
        _tasks.SetStatus(context, ContextStatus.Runnable);
        _cpus.SetCurrent(cpu, context);
        _tasks.SetCpu(context, cpu);
        if (source.Kind == InterruptKind.Hard)
            _cpus.SetIrqsDisabled(cpu, true);

        return context;
    }

    /// <summary>A handler has come to its end.</summary>
    internal void Return(int context)
    {
        int cpu = _tasks.Cpu(context);
        _cpus.SetCurrent(cpu, _tasks.Interrupted(context));
        _cpus.SetIrqsDisabled(cpu, false); // iret: they were on, or the interrupt could not have come.
        _tasks.Clear(context);
    }

    /// <summary>Whether a handler has, directly or not, interrupted <paramref name="other"/>.</summary>
    internal bool RunsOnTopOf(int handler, int other)
    {
        for (int below = _tasks.Interrupted(handler); below >= 0; below = _tasks.Interrupted(below))
        {
            if (below == other)
                return true;
        }

        return false;
    }

    /// <summary>current of a context: in a handler it is the task that was interrupted; -1 on an idle CPU.</summary>
    internal int CurrentTaskOf(int context)
    {
        while (context >= _tasks.Count)
            context = _tasks.Interrupted(context);

        return context;
    }

    private bool MayFire(int cpu, int interrupt)
    {
        InterruptSource source = _sources[interrupt];
        if (_tasks.Status(HandlerOn(cpu, interrupt)) != ContextStatus.Idle)
            return false;

        if (source.Kind == InterruptKind.Soft && IsCpuInInterrupt(cpu))
            return false;

        // On its way out of a shootdown a CPU runs soft interrupts only.
        bool isLeaving = _cpus.Shootdown(cpu) == ShootdownAnswer.Finish && !IsCpuInInterrupt(cpu);
        if (source.Kind == InterruptKind.Hard && isLeaving)
            return false;

        return source.Limit == 0 ? IsAnyTaskLeft() : _memory[_firedBase + interrupt] < source.Limit;
    }

    private bool IsAnyTaskLeft()
    {
        for (int task = 0; task < _tasks.Count; task++)
        {
            if (_tasks.Status(task) is ContextStatus.Runnable or ContextStatus.Asleep)
                return true;
        }

        return false;
    }

    private int HandlerOn(int cpu, int interrupt) => _tasks.Count + (interrupt * _cpus.Count) + cpu;
}
