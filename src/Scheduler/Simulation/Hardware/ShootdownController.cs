using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>
/// TLB shootdown by interprocessor interrupt: on_each_cpu(), smp_call_function() and its receiver
/// (arch/i386/kernel/smp.c).
/// </summary>
/// <remarks>
/// The sender goes through four steps: it takes call_lock and sends; each other CPU flushes when it takes the
/// interrupt, which it does only with interrupts on; the sender goes on when all have finished, and flushes its own TLB
/// last.
/// </remarks>
internal sealed class ShootdownController
{
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly CpuTable _cpus;
    private readonly MmuTable _mmu;
    private readonly InterruptController _interrupts;
    private readonly int _callLock;
    private readonly int _preemptOffset;

    internal ShootdownController(
        KernelWords memory,
        TaskTable tasks,
        CpuTable cpus,
        MmuTable mmu,
        InterruptController interrupts,
        int callLock,
        CpuRules rules)
    {
        _memory = memory;
        _tasks = tasks;
        _cpus = cpus;
        _mmu = mmu;
        _interrupts = interrupts;
        _callLock = callLock;
        _preemptOffset = rules.PreemptOffset;
    }

    /// <summary>The lock that serialises shootdowns.</summary>
    internal int CallLock => _callLock;

    /// <summary>Whether a flush of all TLBs has to be sent: all CPUs answer at once otherwise.</summary>
    internal bool MustSend => _callLock >= 0 && _cpus.Count > 1;

    /// <summary>The CPUs that have not answered yet.</summary>
    internal IEnumerable<int> Owing =>
        Enumerable.Range(0, _cpus.Count).Where(cpu => _cpus.Shootdown(cpu) != ShootdownAnswer.None);

    /// <summary>Whether the sender may go on.</summary>
    internal bool HaveAllAnswered()
    {
        for (int cpu = 0; cpu < _cpus.Count; cpu++)
        {
            if (_cpus.Shootdown(cpu) != ShootdownAnswer.None)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The first part of flush_tlb_all(): preemption goes off, call_lock is taken, and everybody else is told.
    /// </summary>
    internal void Send(int context)
    {
        _tasks.AddPreemptCount(context, _preemptOffset);
        _memory.Set(_callLock, context + 1);
        for (int cpu = 0; cpu < _cpus.Count; cpu++)
        {
            if (cpu != _tasks.Cpu(context))
                _cpus.SetShootdown(cpu, ShootdownAnswer.Flush);
        }

        _tasks.Announce(context, new Operation(OperationKind.AwaitShootdown, _callLock));
    }

    /// <summary>The last part: all have answered.</summary>
    internal void Finish(int context)
    {
        _memory.Set(_callLock, 0);
        _mmu.FlushCpu(_tasks.Cpu(context));
        _tasks.AddPreemptCount(context, -_preemptOffset);
    }

    /// <summary>Whether a CPU that owes an answer can give it now.</summary>
    internal bool CanAcknowledge(int cpu) => _cpus.Shootdown(cpu) switch
    {
        ShootdownAnswer.Flush => !_cpus.IrqsDisabled(cpu),
        ShootdownAnswer.Finish => !_interrupts.IsCpuInInterrupt(cpu),
        _ => false,
    };

    /// <summary>Whether a CPU has taken the interrupt, and is on its way out of it.</summary>
    internal bool IsLeaving(int cpu) =>
        _cpus.Shootdown(cpu) == ShootdownAnswer.Finish && !_interrupts.IsCpuInInterrupt(cpu);

    /// <summary>
    /// A CPU takes the interrupt: it flushes, runs the soft interrupts that are due on its way out, and says that it
    /// has finished.
    /// </summary>
    internal void Acknowledge(int cpu)
    {
        bool isSecondPart = _cpus.Shootdown(cpu) == ShootdownAnswer.Finish;
        if (!isSecondPart)
            _mmu.FlushCpu(cpu);

        bool hasMore = !isSecondPart && _interrupts.IsSoftInterruptDue(cpu);
        _cpus.SetShootdown(cpu, hasMore ? ShootdownAnswer.Finish : ShootdownAnswer.None);
    }
}
