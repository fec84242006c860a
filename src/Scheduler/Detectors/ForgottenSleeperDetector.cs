using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds, in exhaustive search, a task that sleeps beside what it waits for while nobody is obliged to wake it.
/// </summary>
/// <remarks>
/// Other tasks may still run, so this is not a deadlock, and may never become one. Obliged is who stands before a
/// wake-up of the queue, or comes to one before its operation is over (<see cref="ForgottenSleeperProbe"/>); and
/// another waiter who is awake and has not looked again may still pass the wake-up on.
/// </remarks>
public sealed class ForgottenSleeperDetector : Detector
{
    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.State;

    /// <inheritdoc/>
    [TreatsNamesAlike]
    [SeesNoSection] // It says nothing while the lock is held.
    public override void OnState(MachineView machine)
    {
        foreach (SleepDeclaration sleep in machine.Machine.Image.Hints.Sleeps)
        {
            int sleeper = SleeperOn(machine.Tasks, machine.Queues, sleep.WaitQueue);
            if (
                sleeper >= 0
                && machine.Word(sleep.SpinLock) == 0
                && !IsSomebodyObliged(machine.Tasks, sleep, new Suspended(machine.Machine))
                && sleep.IsThere()
                && ForgottenSleeperProbe.IsForgotten(machine.Machine, sleeper))
            {
                machine.Report(
                    FailureClass.LostWakeup,
                    $"{machine.NameOf(sleeper)} sleeps on {machine.NameOfWord(sleep.WaitQueue)} although what it "
                    + "waits for is there, and nobody is going to wake it");
            }
        }
    }

    internal override IEnumerable<StatePart>? PartsOfStateCheck(StateSight sight) =>
        sight.Machine.Image.Hints.Sleeps.Select(sleep => new SleeperPart(sight, sleep));

    /// <summary>A task that sleeps on a queue; -1 if none does.</summary>
    internal static int SleeperOn(TaskTable tasks, WaitQueueTable queues, int queue)
    {
        for (int i = 0; i < queues.Count(queue); i++)
        {
            int task = queues.TaskAt(queue, i);
            if (tasks.Status(task) == ContextStatus.Asleep)
                return task;
        }

        return -1;
    }

    /// <summary>Whether somebody who can go on is obliged to wake who sleeps.</summary>
    /// <param name="tasks">The state.</param>
    /// <param name="sleep">Where tasks sleep.</param>
    /// <param name="calls">The calls that contexts are in.</param>
    internal static bool IsSomebodyObliged<TCalls>(TaskTable tasks, SleepDeclaration sleep, TCalls calls)
        where TCalls : struct, ICalls
    {
        for (int context = 0; context < tasks.Contexts; context++)
        {
            bool isObliged = tasks.Status(context) == ContextStatus.Runnable
                && (IsWaker(tasks.Pending(context), sleep) || calls.Have(context, sleep.Sleeper));
            if (isObliged)
                return true;
        }

        return false;
    }

    /// <summary>Who stands before a look at the queue will wake whom it finds there.</summary>
    private static bool IsWaker(Operation pending, SleepDeclaration sleep) =>
        pending.Kind is OperationKind.WakeUp or OperationKind.QueueTest && pending.Target == sleep.WaitQueue;

    /// <summary>Whether a function is among the calls of a stack.</summary>
    internal static bool IsInside(Frame? top, string function)
    {
        for (Frame? frame = top; frame is not null; frame = frame.Parent)
        {
            if (frame.Type.Function == function)
                return true;
        }

        return false;
    }

    /// <summary>The calls that contexts are in, wherever they are known from.</summary>
    internal interface ICalls
    {
        /// <summary>Whether a context is in a function.</summary>
        bool Have(int context, string function);
    }

    private readonly struct Suspended(Machine machine) : ICalls
    {
        public bool Have(int context, string function) => IsInside(machine.Stack(context).Top, function);
    }
}
