using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>Sleeping, and sharing CPUs: schedule(), dispatch and preemption (kernel/sched.c).</summary>
/// <remarks>
/// need_resched is no state here: the timer may tick wherever interrupts are on, so a preemption is possible wherever
/// preempt_count allows it.
/// </remarks>
internal sealed class RunQueue(TaskTable tasks, CpuTable cpus, CpuRules rules)
{
    /// <summary>
    /// Whether nobody can come between two steps of a task on its CPU, so that a place for that is none.
    /// </summary>
    internal bool IsCpuAlone => rules.IsCpuAlone;

    /// <summary>
    /// Whether a lock's variant has to be armed in a step of its own. Without CONFIG_PREEMPT spin_lock_irq spins with
    /// interrupts off, and spin_lock_bh with bottom halves off; all others spin as they were called
    /// (kernel/spinlock.c).
    /// </summary>
    internal bool IsArmedBeforeSpinning(LockContext context) =>
        !rules.IsPinned && !rules.Preempts && context is LockContext.Irq or LockContext.BottomHalf;

    /// <summary>
    /// Whether a context may not sleep: in_atomic(), interrupts off, or a spin lock held, which without CONFIG_PREEMPT
    /// no count tells.
    /// </summary>
    internal bool IsInAtomic(int context) =>
        PreemptCount.IsInAtomic(tasks.PreemptCount(context))
        || tasks.Locks(context) != 0
        || cpus.IrqsDisabled(tasks.Cpu(context));

    /// <summary>schedule(): true if the task is off the run queue now; false if it runs on at once.</summary>
    internal bool GoesToSleep(int task)
    {
        bool sleeps = tasks.State(task) != TaskState.Running;
        if (sleeps)
            tasks.SetStatus(task, ContextStatus.Asleep);
        else if (rules.HasOwnCpus)
            return false; // Woken in time, and nobody else wants its CPU.

        tasks.Announce(task, new Operation(OperationKind.Resume));
        Leave(task);
        return true;
    }

    /// <summary>Lists the tasks that an idle CPU may take.</summary>
    internal int AddDispatches(int cpu, Transition[] enabled, int count)
    {
        for (int task = 0; task < tasks.Count; task++)
        {
            if (CanDispatch(task))
                enabled[count++] = Transition.Dispatch(cpu, task);
        }

        return count;
    }

    /// <summary>Whether a task waits for a CPU.</summary>
    internal bool CanDispatch(int task) => tasks.Status(task) == ContextStatus.Runnable && tasks.Cpu(task) < 0;

    /// <summary>
    /// A preemption needs CONFIG_PREEMPT, preempt_count 0, interrupts on, and somebody to run instead. Who waits for a
    /// word to change stands for a loop that calls schedule(), so it gives its CPU away without CONFIG_PREEMPT too.
    /// </summary>
    internal bool IsPreemptible(int cpu, int context, bool isReady)
    {
        bool waits = tasks.Operation(context) is OperationKind.Await or OperationKind.AwaitAdd && !isReady;
        if ((!rules.Preempts && !waits) || PreemptCount.IsInAtomic(tasks.PreemptCount(context))
            || cpus.IrqsDisabled(cpu) || tasks.Status(context) != ContextStatus.Runnable)
        {
            return false;
        }

        for (int task = 0; task < tasks.Count; task++)
        {
            if (CanDispatch(task))
                return true;
        }

        return false;
    }

    /// <summary>A task comes onto a CPU.</summary>
    internal void Dispatch(int task, int cpu)
    {
        Place(task, cpu);
        if ((tasks.PreemptCount(task) & PreemptCount.Active) != 0)
            tasks.AddPreemptCount(task, -PreemptCount.Active);
    }

    /// <summary>A task is taken off its CPU; whatever its state says, it stays on the run queue.</summary>
    internal void Preempt(int task)
    {
        tasks.AddPreemptCount(task, PreemptCount.Active);
        Leave(task);
    }

    internal void Place(int context, int cpu)
    {
        cpus.SetCurrent(cpu, context);
        tasks.SetCpu(context, cpu);
    }

    /// <summary>A task has no CPU any more, unless it has one of its own.</summary>
    internal void Leave(int task)
    {
        if (rules.HasOwnCpus)
            return;

        int cpu = tasks.Cpu(task);
        cpus.SetCurrent(cpu, -1);
        cpus.SetIrqsDisabled(cpu, false); // The next task brings its own flags.
        tasks.SetCpu(task, -1);
    }
}
