using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Tells a lost wake-up from a deadlock: wakes a sleeper by hand, on a copy of the machine, and lets everybody run on.
/// </summary>
/// <remarks>
/// If fewer tasks are stuck in the end, all that was missing was the wake-up. A sleeper that looks again and goes back
/// to sleep waits for something that is not there. What happens then may depend on the order of the tasks, so a few
/// fixed orders are tried. Nobody is preempted who can go on, and a CPU is given to who has waited longest for one.
/// Interrupts come only when nothing else can happen, and not for ever.
/// </remarks>
internal static class LostWakeupProbe
{
    private const int StepsMax = 20_000;
    private const int InterruptsMax = 16;

    private enum Order
    {
        FirstToLast,
        LastToFirst,
        InTurn,
    }

    /// <summary>The first of some stuck tasks that only lacks a wake-up; -1 if there is none.</summary>
    internal static int FindSleeper(Machine machine, ReadOnlySpan<int> stuck)
    {
        try
        {
            foreach (int task in stuck)
            {
                if (machine.Tasks.Status(task) == ContextStatus.Asleep && GetsOnWhenWoken(machine, task, stuck.Length))
                    return task;
            }

            return -1;
        }
        finally
        {
            machine.MakeCurrent();
        }
    }

    private static bool GetsOnWhenWoken(Machine machine, int task, int stuck)
    {
        foreach (Order order in Enum.GetValues<Order>())
        {
            Machine copy = machine.Copy();
            copy.Queues.TryToWakeUp(task, copy.Observer);
            bool isOver = RunOn(copy, order);
            if (CountStuck(copy, isOver) < stuck)
                return true;
        }

        return false;
    }

    /// <summary>True if nobody can go on any more.</summary>
    private static bool RunOn(Machine machine, Order order)
    {
        int interrupts = 0;
        int[] dispatched = new int[machine.Tasks.Contexts];
        for (int step = 0; step < StepsMax; step++)
        {
            if (Next(machine.Enabled(), order, step, dispatched) is not { } next)
                return true;

            if (next.Kind == TransitionKind.Dispatch)
                dispatched[next.Argument] = step + 1;

            if (next.Kind == TransitionKind.Interrupt && ++interrupts > InterruptsMax)
                return false;

            machine.Perform(next);
        }

        return false;
    }

    /// <summary>
    /// Whatever brings a task on, in this order; else that one who cannot go on leaves his CPU; else an interrupt.
    /// </summary>
    private static Transition? Next(ReadOnlySpan<Transition> enabled, Order order, int step, int[] dispatched)
    {
        Transition? preemption = null;
        Transition? interrupt = null;
        for (int i = 0; i < enabled.Length; i++)
        {
            Transition transition = enabled[order switch
            {
                Order.FirstToLast => i,
                Order.LastToFirst => enabled.Length - 1 - i,
                _ => (step + i) % enabled.Length,
            }];
            if (transition.Kind == TransitionKind.Interrupt)
                interrupt ??= transition;
            else if (transition.Kind == TransitionKind.Preempt)
                preemption ??= transition;
            else if (transition.Kind == TransitionKind.Dispatch)
                return LongestWaiting(transition, enabled, dispatched);
            else
                return transition;
        }

        return preemption ?? interrupt;
    }

    private static Transition LongestWaiting(Transition dispatch, ReadOnlySpan<Transition> enabled, int[] dispatched)
    {
        foreach (Transition other in enabled)
        {
            bool isEarlier = other.Kind == TransitionKind.Dispatch
                && other.Subject == dispatch.Subject
                && dispatched[other.Argument] < dispatched[dispatch.Argument];
            if (isEarlier)
                dispatch = other;
        }

        return dispatch;
    }

    // Where nobody can go on any more all are stuck who have not ended: also who has no CPU, or stands below a handler.
    // Else who is not ready after so many steps waits for somebody who does not come.
    private static int CountStuck(Machine machine, bool isOver)
    {
        int stuck = 0;
        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            bool isStuck =
                machine.Tasks.Status(task) == ContextStatus.Asleep
                || (
                    machine.Tasks.Status(task) == ContextStatus.Runnable
                    && (isOver || !machine.IsReady(task)));
            stuck += isStuck ? 1 : 0;
        }

        return stuck;
    }
}
