using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Verification.Progress;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>Runs an endless run that the search has found on a fresh machine, which must see the same in it.</summary>
internal static class EndlessRunReplay
{
    private const int ProbeStepsMax = 20_000;

    /// <summary>What the machine says of the run; null if it sees nothing in it.</summary>
    internal static Finding? Confirm(MachineImage image, EndlessRunKind kind, Lasso run)
    {
        var machine = new Machine(image);
        Transition[] schedule = [.. run.Stem, .. run.Loop];
        bool isWhole = ScheduleRun.Run(machine, schedule, run.Loop.Length, ClassOf(image, kind, run));
        return isWhole ? machine.Finding : null;
    }

    /// <summary>
    /// Whoever is trapped and runs is in a livelock; who is trapped and does not has missed its wake-up, or waits for
    /// what does not come.
    /// </summary>
    private static FailureClass ClassOf(MachineImage image, EndlessRunKind kind, Lasso run)
    {
        if (kind == EndlessRunKind.Idle || run.Runners != 0)
            return FailureClass.Livelock;

        return ProgressCheck.TasksOf(run.Victims).Any(task => GetsOnWhenWoken(image, run, task))
            ? FailureClass.LostWakeup
            : FailureClass.Deadlock;
    }

    // Others run for ever, so the sleeper is run alone: it is enough if it gets what it waits for.
    private static bool GetsOnWhenWoken(MachineImage image, Lasso run, int task)
    {
        var machine = new Machine(image);
        if (!new Execution(machine).Follow(new ReplayStrategy(run.Stem)))
            return false;

        if (machine.Tasks.Status(task) != ContextStatus.Asleep)
            return false;

        machine.Queues.TryToWakeUp(task, machine.Observer);
        long progress = machine.Progress;
        for (int step = 0; step < ProbeStepsMax && NextFor(machine, task) is { } next; step++)
        {
            machine.Perform(next);
            if (machine.Progress != progress)
                return true;
        }

        return false;
    }

    /// <summary>What the task does next, or else what other CPUs owe it.</summary>
    private static Transition? NextFor(Machine machine, int task)
    {
        Transition? owed = null;
        foreach (Transition transition in machine.Enabled())
        {
            if (transition.IsStep && transition.Subject == task)
                return transition;

            if (transition.Kind == TransitionKind.Dispatch && transition.Argument == task)
                return transition;

            if (transition.Kind == TransitionKind.Acknowledge)
                owed ??= transition;
        }

        return owed;
    }
}
