using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Lets everybody finish the operation that they are in the middle of, on a copy of the machine, and sees whether
/// somebody has woken a sleeper.
/// </summary>
/// <remarks>
/// Who is going to wake it need not stand before the wake-up yet: it may have decided to do so long ago. When nobody is
/// in the middle of anything, nobody can have decided anything. That somebody takes meanwhile what it waits for wakes
/// nobody. If it is not to be seen whether that moment comes (a choice, a lock that nobody gives back, an interrupt),
/// nothing is reported: should the sleeper never be woken, the search finds it where the others have ended.
/// </remarks>
internal static class ForgottenSleeperProbe
{
    private const int StepsMax = 10_000;

    internal static bool IsForgotten(Machine machine, int sleeper)
    {
        try
        {
            Machine copy = machine.Copy();
            copy.MakeCurrent();
            return SleepsUntilAllHaveFinished(copy, sleeper);
        }
        finally
        {
            machine.MakeCurrent();
        }
    }

    /// <summary>
    /// Whether a task sleeps on until everybody has come to the end of an operation, fallen asleep, or done so much
    /// meanwhile that it has none.
    /// </summary>
    private static bool SleepsUntilAllHaveFinished(Machine machine, int sleeper)
    {
        bool[] isDone = new bool[machine.Tasks.Contexts];
        int last = -1;
        for (int step = 0; step < StepsMax; step++)
        {
            // It was woken, or the search comes to what is wrong by itself.
            if (machine.Tasks.Status(sleeper) != ContextStatus.Asleep || machine.Finding is not null)
                return false;

            if (Next(machine, isDone, last) is not { } next)
                return IsEverybodyDone(machine, isDone);

            long progress = machine.Progress;
            machine.Perform(next);
            last = machine.CurrentContext;
            isDone[last] |= machine.Progress != progress;
        }

        return true;
    }

    /// <summary>
    /// A step, or a dispatch, of a task that is in the middle of an operation: in turn, so that none keeps the others
    /// from coming to its end.
    /// </summary>
    private static Transition? Next(Machine machine, bool[] isDone, int last)
    {
        Transition? first = null;
        foreach (Transition transition in machine.Enabled())
        {
            if (transition.Kind == TransitionKind.Acknowledge)
                return transition;

            int context = transition.Kind == TransitionKind.Dispatch ? transition.Argument : transition.Subject;
            bool brings = transition.Kind is TransitionKind.Step or TransitionKind.Dispatch
                && !isDone[context] && !machine.IsBeforeRound(context);
            if (brings && context > last)
                return transition;

            if (brings)
                first ??= transition;
        }

        return first;
    }

    private static bool IsEverybodyDone(Machine machine, bool[] isDone)
    {
        for (int context = 0; context < machine.Tasks.Contexts; context++)
        {
            bool isInTheMiddle =
                machine.Tasks.Status(context) == ContextStatus.Runnable
                && !isDone[context]
                && !machine.IsBeforeRound(context);
            if (isInTheMiddle)
                return false;
        }

        return true;
    }
}
