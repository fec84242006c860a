using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification.Progress;

/// <summary>Runs an endless run that the search has found on a fresh machine, which must see the same in it.</summary>
internal static class EndlessRunReplay
{
    /// <summary>The run as a counterexample, with what the machine says of it.</summary>
    internal static Counterexample Confirm(MachineImage image, EndlessRunKind kind, Lasso run)
    {
        var machine = new Machine(image);
        var check = new LoopCheck(machine);
        machine.Reset();
        foreach (Transition transition in run.Stem)
            machine.Perform(transition);

        FailureClass expected = ClassOf(image, kind, run);
        foreach (Transition transition in run.Loop)
        {
            check.Before();
            machine.Perform(transition);
            check.After(transition);
        }

        if (run.Loop.Length == 0)
            machine.CheckReached();
        else
            check.Conclude(expected);

        return machine.Finding is { } finding
            ? new Counterexample(finding, [.. run.Stem, .. run.Loop]) { Loop = run.Loop.Length }
            : throw new InvalidOperationException($"an endless run ({expected.Name()}) does not replay: the search is wrong, please report it");
    }

    /// <summary>Whoever is trapped and runs is in a livelock; who is trapped and does not has missed its wake-up, or waits for what does not come.</summary>
    private static FailureClass ClassOf(MachineImage image, EndlessRunKind kind, Lasso run)
    {
        if (kind == EndlessRunKind.Idle || run.Runners != 0)
            return FailureClass.Livelock;

        return ProgressCheck.TasksOf(run.Victims).Any(task => GetsOnWhenWoken(image, run, task)) ? FailureClass.LostWakeup : FailureClass.Deadlock;
    }

    private static bool GetsOnWhenWoken(MachineImage image, Lasso run, int task)
    {
        var machine = new Machine(image);
        machine.Reset();
        foreach (Transition transition in run.Stem)
            machine.Perform(transition);

        return machine.Tasks.Status(task) == ContextStatus.Asleep && DeadlockDetector.GetsOnWhenWoken(machine, task);
    }
}
