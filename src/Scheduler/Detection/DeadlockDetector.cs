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

    private static bool IsStuck(Machine machine, int context) =>
        machine.Tasks.Status(context) is ContextStatus.Runnable or ContextStatus.Asleep;

    private static void ReportStuck(Machine machine)
    {
        int[] stuck = [.. Enumerable.Range(0, machine.Tasks.Count).Where(task => IsStuck(machine, task))];
        var message = new StringBuilder($"{stuck.Length} of {machine.Tasks.Count} tasks can never run again");
        for (int context = 0; context < machine.Tasks.Contexts; context++)
        {
            if (IsStuck(machine, context))
                message.Append('\n').Append("  ").Append(Situation(machine, context));
        }

        // The probe runs the machine on, so everything that is to be said is said before it.
        bool isFirst = machine.Finding is null;
        int missed = Array.FindIndex(stuck, task => machine.Tasks.Status(task) == ContextStatus.Asleep && GetsOnWhenWoken(machine, task));
        if (missed >= 0)
            message.Append($"\n  woken by hand, task {stuck[missed]} gets what it waits for: its wake-up was lost");

        if (isFirst)
            machine.ForgetFinding(); // What the probe ran into does not happen in this execution.

        machine.Report(missed >= 0 ? FailureClass.LostWakeup : FailureClass.Deadlock, message.ToString());
    }

    private static string Situation(Machine machine, int context)
    {
        string chain = string.Join(" <- ", machine.CallChain(context));
        string place = chain.Length == 0 ? "" : $", in {chain}";
        var line = new StringBuilder($"{machine.NameOf(context)} {WaitOf(machine, context)}{place}");
        foreach (Func<TaskId, IEnumerable<string>> explain in machine.Image.WaitExplanations)
        {
            if (context >= machine.Tasks.Count)
                break;

            foreach (string reason in explain(new TaskId(context)))
                line.Append("\n    ").Append(reason);
        }

        return line.ToString();
    }

    private static string WaitOf(Machine machine, int context)
    {
        int cpu = machine.Tasks.Cpu(context);
        if (machine.Tasks.Status(context) == ContextStatus.Runnable && cpu < 0)
            return "waits for a CPU";

        if (cpu >= 0 && machine.Cpus.Current(cpu) != context)
            return $"is interrupted on CPU {cpu}";

        int target = machine.Tasks.Target(context);
        return machine.Tasks.Operation(context) switch
        {
            OperationKind.Resume => $"asleep ({machine.Tasks.State(context)}) on {QueuesOf(machine, context)}",
            OperationKind.Acquire when machine.HolderOf(target) == context => $"spins for {machine.Image.NameOf(target)}, which it holds itself",
            OperationKind.Acquire => $"spins for {machine.Image.NameOf(target)}, held by {machine.NameOf(machine.HolderOf(target))}{WithIrqs(machine, cpu)}",
            OperationKind.SendShootdown => $"spins for call_lock, held by {machine.NameOf(machine.HolderOf(target))}{WithIrqs(machine, cpu)}",
            OperationKind.AwaitShootdown => $"waits until CPU {string.Join(" and ", machine.CpusThatOweAnAnswer())} answers its TLB shootdown",
            OperationKind.Await => $"waits for {machine.Image.NameOf(target)} to become {machine.Tasks.Argument(context)}, it is {machine.Memory[target]}",
            var other => $"stands at {other}",
        };
    }

    private static string WithIrqs(Machine machine, int cpu) => machine.Cpus.IrqsDisabled(cpu) ? $" (interrupts are off on CPU {cpu})" : "";

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
        machine.Queues.TryToWakeUp(machine, task);
        long done = machine.OperationsDone;
        for (int step = 0; step < ProbeStepsMax; step++)
        {
            if (NextFor(machine, task) is not { } next)
                return false;

            machine.Perform(next);
            if (machine.OperationsDone > done || machine.Tasks.Status(task) == ContextStatus.Finished)
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
            switch (transition.Kind)
            {
                case TransitionKind.Step or TransitionKind.Choose when transition.Subject == task:
                case TransitionKind.Dispatch when transition.Argument == task:
                    return transition;
                case TransitionKind.Acknowledge:
                    owed ??= transition;
                    break;
                default:
                    break;
            }
        }

        return owed;
    }
}
