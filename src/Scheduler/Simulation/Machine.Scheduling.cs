using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>Sleeping, and sharing CPUs: schedule(), dispatch and preemption (kernel/sched.c).</content>
/// <remarks>
/// need_resched is no state here: the timer may tick wherever interrupts are on, so a preemption is possible wherever
/// preempt_count allows it.
/// </remarks>
public sealed partial class Machine
{
    private const int PreemptActive = 1 << 28;
    private const int PreemptMask = PreemptActive - 1; // preempt_count without PREEMPT_ACTIVE.

    /// <summary>
    /// Whether nobody can come between two steps of a task on its CPU, so that a place for that is none.
    /// </summary>
    internal bool IsCpuAlone() => _image.IsPinned || (_image.Interrupts.Count == 0 && (_image.HasOwnCpus || !_image.Options.Preempt));

    /// <summary>schedule(): true if the task is off the run queue now; false if it runs on at once.</summary>
    private bool GoesToSleep(int context)
    {
        MaySleep("schedule");
        if (context >= Tasks.Count)
            return false; // Reported; a handler has no task to take off the run queue.

        bool sleeps = Tasks.State(context) != TaskState.Running;
        if (sleeps)
            Tasks.SetStatus(context, ContextStatus.Asleep);
        else if (_image.HasOwnCpus)
            return false; // Woken in time, and nobody else wants its CPU.

        Tasks.Announce(context, OperationKind.Resume, 0, 0, 0);
        LeaveCpu(context);
        Observer?.OnOperation(context, new PerformedOperation(OperationKind.Schedule, 0, sleeps ? 1 : 0));
        return true;
    }

    private int EnabledOnCpus()
    {
        int count = 0;
        for (int cpu = 0; cpu < Cpus.Count; cpu++)
        {
            int context = Cpus.Current(cpu);
            if (Cpus.Shootdown(cpu) != ShootdownAnswer.Finish || IsCpuInInterrupt(cpu))
                count = context < 0 ? AddDispatches(cpu, count) : AddSteps(cpu, context, count);

            count = AddInterrupts(cpu, count);
            if (CanAcknowledge(cpu))
                _enabled[count++] = Transition.Acknowledge(cpu);
        }

        return count;
    }

    private int AddDispatches(int cpu, int count)
    {
        for (int task = 0; task < Tasks.Count; task++)
        {
            if (IsWaitingForCpu(task))
                _enabled[count++] = Transition.Dispatch(cpu, task);
        }

        return count;
    }

    private int AddSteps(int cpu, int context, int count)
    {
        if (IsReady(context))
        {
            if (Tasks.Operation(context) == OperationKind.Choose)
                count = AddOutcomes(context, count);
            else
                _enabled[count++] = Transition.Step(context);
        }

        if (IsPreemptible(cpu, context))
            _enabled[count++] = Transition.Preempt(cpu);

        return count;
    }

    /// <summary>Whether a context's operation can happen now, for the kinds that few tasks stand in front of.</summary>
    private bool IsReadyToGoOn(int context, OperationKind kind) => kind switch
    {
        OperationKind.Await => Memory[Tasks.Target(context)] == Tasks.Argument(context),
        OperationKind.SendShootdown => Memory[_image.CallLock] == 0,
        OperationKind.AwaitShootdown => HaveAllAnswered(),
        _ => true,
    };

    /// <summary>Whether a step is only the first part of an operation; its second part is announced then.</summary>
    private bool StopsHalfway(int context, OperationKind kind)
    {
        switch (kind)
        {
            case OperationKind.ArmLock:
                Arm(context);
                Observer?.OnOperation(context, new PerformedOperation(kind, Tasks.Target(context), Tasks.Argument(context)));
                return true;
            case OperationKind.SendShootdown:
                SendShootdown(context);
                Observer?.OnOperation(context, new PerformedOperation(kind, 0, 0));
                return true;
            case OperationKind.AwaitShootdown:
                FinishShootdown(context);
                return false;
            default:
                return false;
        }
    }

    private bool IsWaitingForCpu(int task) => Tasks.Status(task) == ContextStatus.Runnable && Tasks.Cpu(task) < 0;

    /// <summary>
    /// A preemption needs CONFIG_PREEMPT, preempt_count 0, interrupts on, and somebody to run instead. Who waits for a
    /// word to change stands for a loop that calls schedule(), so it gives its CPU away without CONFIG_PREEMPT too.
    /// </summary>
    private bool IsPreemptible(int cpu, int context)
    {
        bool mayLeave = _image.Options.Preempt || (Tasks.Operation(context) == OperationKind.Await && !IsReady(context));
        if (!mayLeave || (Tasks.PreemptCount(context) & PreemptMask) != 0 || Cpus.IrqsDisabled(cpu)
            || Tasks.Status(context) != ContextStatus.Runnable)
        {
            return false;
        }

        for (int task = 0; task < Tasks.Count; task++)
        {
            if (IsWaitingForCpu(task))
                return true;
        }

        return false;
    }

    private void PerformOnCpu(Transition transition)
    {
        int cpu = transition.Subject;
        switch (transition.Kind)
        {
            case TransitionKind.Dispatch:
                Dispatch(transition.Argument, cpu);
                break;
            case TransitionKind.Preempt:
                _current = Cpus.Current(cpu);

                // Whatever its state says, a preempted task stays on the run queue.
                Tasks.AddPreemptCount(_current, PreemptActive);
                LeaveCpu(_current);
                break;
            case TransitionKind.Interrupt:
                Fire(cpu, transition.Argument);
                break;
            case TransitionKind.Choose:
                StepContext(transition.Subject, transition.Argument);
                break;
            default:
                _current = Math.Max(0, Cpus.Current(cpu));
                Acknowledge(cpu);
                break;
        }
    }

    private void Dispatch(int task, int cpu)
    {
        Place(task, cpu);
        _current = task;
        if ((Tasks.PreemptCount(task) & PreemptActive) != 0)
            Tasks.AddPreemptCount(task, -PreemptActive);

        if (_stacks[task].IsDone)
            Begin(task, _image.Tasks[task].Body);
    }

    private void Place(int context, int cpu)
    {
        Cpus.SetCurrent(cpu, context);
        Tasks.SetCpu(context, cpu);
    }

    private void LeaveCpu(int context)
    {
        if (_image.HasOwnCpus)
            return;

        int cpu = Tasks.Cpu(context);
        Cpus.SetCurrent(cpu, -1);
        Cpus.SetIrqsDisabled(cpu, false); // The next task brings its own flags.
        Tasks.SetCpu(context, -1);
    }
}
