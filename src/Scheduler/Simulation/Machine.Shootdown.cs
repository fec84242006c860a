using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// TLB shootdown by interprocessor interrupt: on_each_cpu(), smp_call_function() and its receiver
/// (arch/i386/kernel/smp.c).
/// </content>
/// <remarks>
/// The sender goes through four steps: it takes call_lock and sends; each other CPU flushes when it takes the
/// interrupt, which it does only with interrupts on; the sender goes on when all have finished, and flushes its own TLB
/// last.
/// </remarks>
public sealed partial class Machine
{
    /// <summary>The CPUs that have not answered yet, for whoever waits for them.</summary>
    public IEnumerable<int> CpusThatOweAnAnswer() =>
        Enumerable.Range(0, Cpus.Count).Where(cpu => Cpus.Shootdown(cpu) != ShootdownAnswer.None);

    private bool HaveAllAnswered()
    {
        for (int cpu = 0; cpu < Cpus.Count; cpu++)
        {
            if (Cpus.Shootdown(cpu) != ShootdownAnswer.None)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The first part of flush_tlb_all(): preemption goes off, call_lock is taken, and everybody else is told.
    /// </summary>
    private void SendShootdown(int context)
    {
        Tasks.AddPreemptCount(context, _preemptOffset);
        Memory[_image.CallLock] = context + 1;
        for (int cpu = 0; cpu < Cpus.Count; cpu++)
        {
            if (cpu != Tasks.Cpu(context))
                Cpus.SetShootdown(cpu, ShootdownAnswer.Flush);
        }

        Tasks.Announce(context, OperationKind.AwaitShootdown, _image.CallLock, 0, 0);
    }

    private void FinishShootdown(int context)
    {
        Memory[_image.CallLock] = 0;
        Mmu.FlushCpu(Tasks.Cpu(context));
        Tasks.AddPreemptCount(context, -_preemptOffset);
    }

    private bool CanAcknowledge(int cpu) => Cpus.Shootdown(cpu) switch
    {
        ShootdownAnswer.Flush => !Cpus.IrqsDisabled(cpu),
        ShootdownAnswer.Finish => !IsCpuInInterrupt(cpu),
        _ => false,
    };

    /// <summary>
    /// A CPU takes the interrupt: it flushes, runs the soft interrupts that are due on its way out, and says that it
    /// has finished.
    /// </summary>
    private void Acknowledge(int cpu)
    {
        bool isSecondPart = Cpus.Shootdown(cpu) == ShootdownAnswer.Finish;
        if (!isSecondPart)
            Mmu.FlushCpu(cpu);

        Cpus.SetShootdown(cpu, !isSecondPart && IsSoftInterruptDue(cpu) ? ShootdownAnswer.Finish : ShootdownAnswer.None);
    }

    private bool IsSoftInterruptDue(int cpu)
    {
        for (int interrupt = 0; interrupt < _image.Interrupts.Count; interrupt++)
        {
            if (_image.Interrupts[interrupt].Kind == InterruptKind.Soft && MayFire(cpu, interrupt))
                return true;
        }

        return false;
    }
}
