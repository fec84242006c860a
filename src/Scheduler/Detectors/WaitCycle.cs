using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Contexts of which each waits for the next, and the last for the first: for locks, for CPUs on which others stand,
/// for handlers that have interrupted them, for answers that a CPU with interrupts off does not give.
/// </summary>
/// <remarks>
/// Looked for where nobody can go on any more. So it does not matter that who waits for a CPU could do with any of
/// them: nobody leaves one. Who sleeps waits for nobody in particular, and is in no cycle.
/// </remarks>
/// <param name="machine">The machine that stands.</param>
internal sealed class WaitCycle(MachineView machine)
{
    /// <summary>The cycle that the first context that is in one belongs to; none if there is none.</summary>
    internal IReadOnlyList<Wait> Find()
    {
        for (int context = 0; context < machine.Tasks.Contexts; context++)
        {
            var path = new List<Wait>();
            if (LeadsTo(context, context, path, []))
                return path;
        }

        return [];
    }

    private bool LeadsTo(int goal, int context, List<Wait> path, HashSet<int> seen)
    {
        foreach (Wait wait in WaitsOf(context))
        {
            path.Add(wait);
            if (wait.For == goal || (seen.Add(wait.For) && LeadsTo(goal, wait.For, path, seen)))
                return true;

            path.RemoveAt(path.Count - 1);
        }

        return false;
    }

    private IEnumerable<Wait> WaitsOf(int context)
    {
        int cpu = machine.Tasks.Cpu(context);
        if (machine.Tasks.Status(context) != ContextStatus.Runnable)
            return [];

        if (cpu < 0)
            return AllCpus().SelectMany(other => ForCpu(context, other, $"waits for CPU {other}, on which"));

        if (machine.Cpus.Current(cpu) != context)
            return ForCpu(context, cpu, $"is interrupted on CPU {cpu}, where");

        Operation pending = machine.Tasks.Pending(context);
        return OperationTable.Of(pending.Kind).Waits switch
        {
            WaitCondition.Free => ForLock(context, pending.Target),
            WaitCondition.Answered => machine.Machine.Shootdowns.Owing.SelectMany(owing =>
                ForCpu(context, owing, $"waits for an answer of CPU {owing}, on which")),
            _ => [],
        };
    }

    private IEnumerable<Wait> ForLock(int context, int spinLock)
    {
        int holder = machine.HolderOf(spinLock);
        if (holder < 0)
            return [];

        string name = machine.NameOfWord(spinLock);
        string holds = holder == context ? "holds itself" : "holds";
        string who = holder == context ? "it" : machine.NameOf(holder);
        return [new Wait(holder, IsForLock: true, $"{machine.NameOf(context)} wants {name}, which {who} {holds}")];
    }

    private IEnumerable<Wait> ForCpu(int context, int cpu, string waits)
    {
        int current = machine.Cpus.Current(cpu);
        if (current < 0)
            return [];

        string irqs = machine.Cpus.IrqsDisabled(cpu) ? " with interrupts off" : "";
        string text = $"{machine.NameOf(context)} {waits} {machine.NameOf(current)} stands{irqs}";
        return [new Wait(current, IsForLock: false, text)];
    }

    private IEnumerable<int> AllCpus() => Enumerable.Range(0, machine.Cpus.Count);

    /// <summary>One of its waits.</summary>
    /// <param name="For">The context that is waited for.</param>
    /// <param name="IsForLock">Whether it is waited for because it holds a lock.</param>
    /// <param name="Text">Who waits for what, for people.</param>
    internal readonly record struct Wait(int For, bool IsForLock, string Text);
}
