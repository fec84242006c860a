using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Detection;

/// <summary>Finds executions that end with a task that can never move again, and tells a lost wake-up from a deadlock.</summary>
/// <remarks>
/// A spurious wake-up tells which: a task that then gets on with its work had missed the real one; a task that looks
/// again and goes back to sleep waits for something that is not there.
/// </remarks>
public sealed class DeadlockDetector : Detector
{
    private const int ProbeStepsMax = 100_000;

    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.Quiescent;

    /// <inheritdoc/>
    public override void OnQuiescent(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            if (IsStuck(machine, task))
            {
                ReportStuck(machine);
                return;
            }
        }
    }

    private static bool IsStuck(Machine machine, int task) =>
        machine.Tasks.Status(task) is ContextStatus.Runnable or ContextStatus.Asleep;

    private static void ReportStuck(Machine machine)
    {
        int[] stuck = [.. Enumerable.Range(0, machine.Tasks.Count).Where(task => IsStuck(machine, task))];
        var message = new StringBuilder($"{stuck.Length} of {machine.Tasks.Count} tasks can never run again");
        foreach (int task in stuck)
            message.Append('\n').Append("  ").Append(Situation(machine, task));

        // The probe runs the machine on, so everything that is to be said is said before it.
        int missed = Array.FindIndex(stuck, task => machine.Tasks.Status(task) == ContextStatus.Asleep && GetsOnWhenWoken(machine, task));
        if (missed >= 0)
            message.Append($"\n  woken by hand, task {stuck[missed]} gets what it waits for: its wake-up was lost");

        machine.Report(missed >= 0 ? FailureClass.LostWakeup : FailureClass.Deadlock, message.ToString());
    }

    private static string Situation(Machine machine, int task)
    {
        string chain = string.Join(" <- ", machine.CallChain(task));
        int target = machine.Tasks.Target(task);
        string state = machine.Tasks.Operation(task) switch
        {
            OperationKind.Resume => $"asleep ({machine.Tasks.State(task)}) on {QueuesOf(machine, task)}",
            OperationKind.Acquire when machine.Memory[target] == task + 1 => $"spins for {machine.Image.NameOf(target)}, which it holds itself",
            OperationKind.Acquire => $"spins for {machine.Image.NameOf(target)}, held by {machine.NameOf(machine.Memory[target] - 1)}",
            OperationKind.Await => $"waits for {machine.Image.NameOf(target)} to become {machine.Tasks.Argument(task)}, it is {machine.Memory[target]}",
            var other => $"stands at {other}",
        };

        var line = new StringBuilder($"task {task} {state}, in {chain}");
        foreach (Func<TaskId, IEnumerable<string>> explain in machine.Image.WaitExplanations)
        {
            foreach (string reason in explain(new TaskId(task)))
                line.Append("\n    ").Append(reason);
        }

        return line.ToString();
    }

    private static string QueuesOf(Machine machine, int task)
    {
        var names = new List<string>();
        foreach ((string name, int queue) in machine.Image.WaitQueues)
        {
            if (machine.Queues.Contains(queue, task))
                names.Add(name);
        }

        return names.Count == 0 ? "no wait queue, so no wake-up can reach it" : string.Join(" and ", names);
    }

    /// <summary>Wakes a sleeper by hand and runs it alone until it finishes an operation (true) or sleeps again (false).</summary>
    private static bool GetsOnWhenWoken(Machine machine, int task)
    {
        if (!machine.Image.IsPinned)
            return GetsOnWhenDispatched(machine, task);

        machine.Queues.TryToWakeUp(machine, task);
        long done = machine.OperationsDone;
        for (int step = 0; step < ProbeStepsMax && machine.IsReady(task); step++)
        {
            machine.Perform(Transition.Step(task));
            if (machine.OperationsDone > done || machine.Tasks.Status(task) == ContextStatus.Finished)
                return true;
        }

        return false;
    }

    private static bool GetsOnWhenDispatched(Machine machine, int task)
    {
        machine.Queues.TryToWakeUp(machine, task);
        long done = machine.OperationsDone;
        for (int step = 0; step < ProbeStepsMax; step++)
        {
            Transition? next = null;
            foreach (Transition transition in machine.Enabled())
            {
                bool isMine = transition.Kind == TransitionKind.Step ? transition.Subject == task
                    : transition.Kind == TransitionKind.Dispatch && transition.Argument == task;
                if (isMine)
                    next = transition;
            }

            if (next is null)
                return false;

            machine.Perform(next.Value);
            if (machine.OperationsDone > done || machine.Tasks.Status(task) == ContextStatus.Finished)
                return true;
        }

        return false;
    }
}
