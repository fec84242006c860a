using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Finds executions that end with a task that can never move again, and tells a lost wake-up, a cycle of waits, a lock
/// that nobody gives back, and a wait for what does not come from each other.
/// </summary>
/// <remarks>
/// A wake-up by hand tells whether one was lost (<see cref="LostWakeupProbe"/>). The others are all of class deadlock;
/// the first line says which it is.
/// </remarks>
public sealed class DeadlockDetector : Detector
{
    private const int ToldMax = 64; // Nobody reads thousands of lines.

    /// <inheritdoc/>
    public override MachineEvents Events => MachineEvents.Quiescent;

    /// <inheritdoc/>
    public override void OnQuiescent(MachineView machine)
    {
        for (int task = 0; task < machine.Tasks.Count; task++)
        {
            if (IsStuck(machine, task))
            {
                ReportStuck(machine);
                return;
            }
        }
    }

    private static bool IsStuck(MachineView machine, int context) =>
        machine.Tasks.Status(context) is ContextStatus.Runnable or ContextStatus.Asleep;

    private static void ReportStuck(MachineView machine)
    {
        int[] stuck = [.. Enumerable.Range(0, machine.Tasks.Count).Where(task => IsStuck(machine, task))];
        string headline = $"{stuck.Length} of {Counted.Of(machine.Tasks.Count, "task")} can never run again";
        var message = new StringBuilder();
        int told = 0;
        for (int context = 0; context < machine.Tasks.Contexts && told < ToldMax; context++)
        {
            if (!IsStuck(machine, context))
                continue;

            message.Append('\n').Append("  ").Append(Situation(machine, context));
            told++;
        }

        if (stuck.Length > ToldMax)
            message.Append($"\n  and {stuck.Length - ToldMax} more");

        if (FindCause(machine) is { } cause)
        {
            machine.Report(cause.Class, $"{cause.Message}\n  {headline}{message}");
            return;
        }

        IReadOnlyList<WaitCycle.Wait> cycle = new WaitCycle(machine).Find();
        if (cycle.Count > 0)
            message.Append($"\n  the cycle: {string.Join("; ", cycle.Select(wait => wait.Text))}");

        int missed = LostWakeupProbe.FindSleeper(machine.Machine, stuck);
        if (missed >= 0)
        {
            message.Append($"\n  woken by hand, task {missed} gets what it waits for: its wake-up was lost");
            machine.Report(FailureClass.LostWakeup, $"{headline}{message}");
            return;
        }

        machine.Report(FailureClass.Deadlock, $"{headline}: {KindOf(machine, cycle)}{message}");
    }

    /// <summary>What kind of deadlock it is: how it is mended depends on that.</summary>
    private static string KindOf(MachineView machine, IReadOnlyList<WaitCycle.Wait> cycle)
    {
        if (cycle.Count > 0)
            return cycle.Any(wait => wait.IsForLock) ? "lock cycle" : "wait cycle";

        for (int context = 0; context < machine.Tasks.Contexts; context++)
        {
            if (LockAwaitedBy(machine, context) is var wanted and >= 0
                && machine.HolderOf(wanted) is var holder and >= 0
                && machine.Tasks.Status(holder) == ContextStatus.Finished)
            {
                return $"lock not given back, {machine.NameOf(holder)} has ended with {machine.NameOfWord(wanted)}";
            }
        }

        return "unsatisfied wait";
    }

    private static int LockAwaitedBy(MachineView machine, int context)
    {
        if (!IsStuck(machine, context))
            return -1;

        Operation pending = machine.Tasks.Pending(context);
        return OperationTable.Of(pending.Kind).Waits == WaitCondition.Free ? pending.Target : -1;
    }

    private static Finding? FindCause(MachineView machine)
    {
        foreach (Func<Func<TaskId, bool>, Finding?> check in machine.Machine.Image.StuckChecks)
        {
            if (check(task => machine.Tasks.Status(task.Number) == ContextStatus.Finished) is { } cause)
                return cause;
        }

        return null;
    }

    /// <summary>What a context that cannot go on waits for, where, and what it holds.</summary>
    internal static string Situation(MachineView machine, int context)
    {
        string chain = string.Join(" <- ", machine.CallChain(context));
        string place = chain.Length == 0 ? "" : $", in {chain}";
        var line = new StringBuilder($"{machine.NameOf(context)} {WaitOf(machine, context)}{place}");
        foreach (Func<TaskId, IEnumerable<string>> explain in machine.Machine.Image.WaitExplanations)
        {
            if (context >= machine.Tasks.Count)
                break;

            foreach (string reason in explain(new TaskId(context)))
                line.Append("\n    ").Append(reason);
        }

        foreach (int spinLock in machine.Machine.Image.SpinLocks)
        {
            if (machine.HolderOf(spinLock) == context)
                line.Append("\n    holds ").Append(machine.NameOfWord(spinLock));
        }

        return line.ToString();
    }

    private static string WaitOf(MachineView machine, int context)
    {
        int cpu = machine.Tasks.Cpu(context);
        if (machine.Tasks.Status(context) == ContextStatus.Runnable && cpu < 0)
            return "waits for a CPU";

        if (cpu >= 0 && machine.Cpus.Current(cpu) != context)
            return $"is interrupted on CPU {cpu}";

        Operation pending = machine.Tasks.Pending(context);
        int target = pending.Target;
        return OperationTable.Of(pending.Kind).Waits switch
        {
            WaitCondition.Woken => $"asleep ({machine.Tasks.State(context)}) on {QueuesOf(machine, context)}",
            WaitCondition.Free when machine.HolderOf(target) == context =>
                $"spins for {machine.NameOfWord(target)}, which it holds itself",
            WaitCondition.Free =>
                $"spins for {machine.NameOfWord(target)}, held by {machine.NameOf(machine.HolderOf(target))}"
                + WithIrqs(machine, cpu),
            WaitCondition.Answered =>
                $"waits until CPU {string.Join(" and ", machine.Machine.Shootdowns.Owing)} answers its TLB shootdown",
            WaitCondition.Compares when AwaitArgument.ComparisonOf(pending) == Comparison.Equal =>
                $"waits for {machine.NameOfWord(target)} to become {pending.Argument}, it is {machine.Word(target)}",
            WaitCondition.Compares =>
                $"waits for {machine.NameOfWord(target)} {AwaitArgument.ComparisonOf(pending).Sign()} "
                + $"{pending.Argument}, it is {machine.Word(target)}",
            _ => $"stands at {pending.Kind}",
        };
    }

    private static string WithIrqs(MachineView machine, int cpu) =>
        machine.Cpus.IrqsDisabled(cpu) ? $" (interrupts are off on CPU {cpu})" : "";

    private static string QueuesOf(MachineView machine, int task)
    {
        var names = new List<string>();
        foreach ((string name, int queue) in machine.Machine.Image.WaitQueues)
        {
            if (machine.Queues.Contains(queue, task))
                names.Add(name);
        }

        return names.Count == 0 ? "no wait queue, so no wake-up can reach it" : string.Join(" and ", names);
    }
}
