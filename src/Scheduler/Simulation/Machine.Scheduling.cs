using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>Sleeping, and sharing CPUs: schedule(), dispatch and preemption (kernel/sched.c).</content>
public sealed partial class Machine
{
    private const int PreemptMask = 0x0FFF_FFFF; // preempt_count without PREEMPT_ACTIVE.

    /// <summary>schedule(): true if the task is off the run queue now; false if it runs on at once.</summary>
    private bool GoesToSleep(int context)
    {
        MaySleep("schedule");
        bool sleeps = Tasks.State(context) != TaskState.Running;
        if (sleeps)
            Tasks.SetStatus(context, ContextStatus.Asleep);
        else if (_image.IsPinned)
            return false; // Woken in time, and nobody else wants its CPU.

        Tasks.Announce(context, OperationKind.Resume, 0, 0, 0);
        LeaveCpu(context);
        Observer?.OnOperation(context, OperationKind.Schedule, 0, sleeps ? 1 : 0, fused: false);
        return true;
    }

    private int EnabledOnCpus()
    {
        int count = 0;
        for (int cpu = 0; cpu < Cpus.Count; cpu++)
        {
            int context = Cpus.Current(cpu);
            if (context < 0)
            {
                for (int task = 0; task < Tasks.Count; task++)
                {
                    if (IsWaitingForCpu(task))
                        _enabled[count++] = Transition.Dispatch(cpu, task);
                }

                continue;
            }

            if (IsReady(context))
                _enabled[count++] = Transition.Step(context);

            if (IsPreemptible(cpu, context))
                _enabled[count++] = Transition.Preempt(cpu);
        }

        return count;
    }

    private bool IsWaitingForCpu(int task) => Tasks.Status(task) == ContextStatus.Runnable && Tasks.Cpu(task) < 0;

    /// <summary>A preemption needs CONFIG_PREEMPT, preempt_count 0, interrupts on, and somebody to run instead.</summary>
    private bool IsPreemptible(int cpu, int context)
    {
        if (!_image.Options.Preempt || (Tasks.PreemptCount(context) & PreemptMask) != 0 || Cpus.IrqsDisabled(cpu)
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

    private void Reschedule(Transition transition)
    {
        switch (transition.Kind)
        {
            case TransitionKind.Dispatch:
                Place(transition.Argument, transition.Subject);
                break;
            case TransitionKind.Preempt:
                // PREEMPT_ACTIVE: whatever its state says, a preempted task stays on the run queue.
                LeaveCpu(Cpus.Current(transition.Subject));
                break;
            default:
                throw new InvalidOperationException($"{transition} is not enabled on this machine");
        }
    }

    private void Place(int context, int cpu)
    {
        Cpus.SetCurrent(cpu, context);
        Tasks.SetCpu(context, cpu);
    }

    private void LeaveCpu(int context)
    {
        if (_image.IsPinned)
            return;

        Cpus.SetCurrent(Tasks.Cpu(context), -1);
        Tasks.SetCpu(context, -1);
    }
}
