using System.Text;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>Finds out that no task can ever go on again, and why; slowness is never taken for that.</summary>
/// <remarks>
/// <para>
/// Every task tells what it waits for before it waits, and that it waits no more before it does anything else
/// (<see cref="TaskWait"/>). If two looks at all tasks find each in the same wait, and in between nothing that is
/// waited for was there, then at that moment nobody could go on; and only a task could change that.
/// </para>
/// <para>
/// A lost wake-up is told from a deadlock as the simulated machine does it: sleepers are woken by hand, one after the
/// other. If somebody then finishes an operation, the wake-up was all that was missing.
/// </para>
/// </remarks>
internal sealed unsafe class Hang(ThreadMachine machine)
{
    private const int ProbesMax = 5_000; // Pauses of a millisecond, nearly all of them.
    private const int AsksMax = 1_000;

    private readonly int[] _numbers = new int[ThreadOptions.TasksMax];

    /// <summary>Tasks that cannot go on shall tell where they are.</summary>
    internal volatile bool IsAsking;

    /// <summary>What tasks do now shows only whether they can go on.</summary>
    internal volatile bool IsProbing;

    /// <summary>Why no task can go on; null if one can.</summary>
    internal Finding? Find()
    {
        if (!IsQuiescent())
            return null;

        machine.Recorder?.Freeze(-1);
        AskForChains();
        string situation = Situation("can never run again");
        foreach (Func<Func<TaskId, bool>, Finding?> check in machine.StuckChecks)
        {
            if (check(task => machine.Tasks[task.Number].Wait.Kind == WaitKind.Ended) is { } cause)
                return new Finding(cause.Class, $"{cause.Message}\n  {situation}");
        }

        int missed = FindSleeper();
        return missed >= 0
            ? new Finding(
                FailureClass.LostWakeup,
                $"{situation}\n  woken by hand, task {missed} gets what it waits for: its wake-up was lost")
            : new Finding(FailureClass.Deadlock, situation);
    }

    /// <summary>Nobody is asked or woken by hand.</summary>
    internal void Reset() => IsAsking = IsProbing = false;

    /// <summary>Whether some tasks have not ended, and none of them can go on.</summary>
    internal bool IsQuiescent()
    {
        IReadOnlyList<ThreadTask> tasks = machine.Tasks;
        for (int i = 0; i < tasks.Count; i++)
        {
            _numbers[i] = tasks[i].Wait.Number;
            if (tasks[i].Wait.Kind == WaitKind.None)
                return false;
        }

        Interlocked.MemoryBarrier();
        bool isAnyLeft = false;
        foreach (ThreadTask task in tasks)
        {
            isAnyLeft |= task.Wait.Kind != WaitKind.Ended;
            if (CanGoOn(task))
                return false;
        }

        Interlocked.MemoryBarrier();
        for (int i = 0; i < tasks.Count; i++)
        {
            if (_numbers[i] != tasks[i].Wait.Number || tasks[i].Wait.Kind == WaitKind.None)
                return false;
        }

        return isAnyLeft;
    }

    private bool CanGoOn(ThreadTask task) => task.Wait.Kind switch
    {
        WaitKind.Ended => false,
        WaitKind.Sleep => Word(task.StateWord) == (int)TaskState.Running,
        WaitKind.Word => Word(task.Wait.Target) == task.Wait.Value,

        // One that has just taken it, and has not told yet, is its holder.
        WaitKind.Lock => Word(task.Wait.Target) == 0 || Word(task.Wait.Target) == task.Number + 1,
        _ => true,
    };

    private int Word(int address) => Volatile.Read(ref machine.Words[address]);

    private void AskForChains()
    {
        IsAsking = true;
        var spin = new SpinWait();
        for (int i = 0; i < AsksMax && machine.Tasks.Any(IsSilent); i++)
        {
            foreach (ThreadTask task in machine.Tasks.Where(IsSilent))
                machine.Sleepers.Prod(task); // Who spins looks round by itself.

            spin.SpinOnce();
        }

        IsAsking = false;
    }

    private static bool IsSilent(ThreadTask task) => task.Wait.Kind != WaitKind.Ended && task.Chain is null;

    private int FindSleeper()
    {
        machine.IsEnding = true;
        IsProbing = true;
        foreach (ThreadTask task in machine.Tasks)
        {
            if (task.Wait.Kind == WaitKind.Sleep && GetsOnWhenWoken(task))
                return task.Number;
        }

        return -1;
    }

    private bool GetsOnWhenWoken(ThreadTask task)
    {
        long before = machine.Operations();
        machine.Sleepers.TryToWakeUp(task.Number);
        var spin = new SpinWait();
        for (int i = 0; i < ProbesMax; i++)
        {
            if (machine.Operations() > before || task.Wait.Kind == WaitKind.Ended)
                return true;

            if (IsQuiescent())
                return false;

            spin.SpinOnce();
        }

        return false;
    }

    /// <summary>What each task that has not ended does or waits for, and what for.</summary>
    internal string Situation(string whatAll)
    {
        ThreadTask[] stuck = [.. machine.Tasks.Where(task => task.Wait.Kind != WaitKind.Ended)];
        var text = new StringBuilder(
            $"{stuck.Length} of {Counted.Of(machine.Tasks.Count, "task")} {whatAll}");
        foreach (ThreadTask task in stuck)
        {
            string place = task.Chain is { Count: > 0 } chain ? $", in {string.Join(" <- ", chain)}" : "";
            text.Append($"\n  {machine.NameOf(task.Number)} {WaitOf(task)}{place}");
            foreach (string reason in machine.WaitExplanations.SelectMany(explain => explain(new TaskId(task.Number))))
                text.Append($"\n    {reason}");
        }

        return text.ToString();
    }

    private string WaitOf(ThreadTask task)
    {
        string target = machine.NameOfWord(task.Wait.Target);
        return task.Wait.Kind switch
        {
            WaitKind.None => "runs",
            WaitKind.Sleep => $"asleep ({(TaskState)Word(task.StateWord)}) on {QueuesOf(task)}",
            WaitKind.Lock => $"spins for {target}, which {machine.Locks.HolderText(task.Wait.Target)}",
            _ => $"waits for {target} to become {task.Wait.Value}, it is {Word(task.Wait.Target)}",
        };
    }

    private string QueuesOf(ThreadTask task)
    {
        string names = string.Join(" and ", machine.Sleepers.QueuesOf(task.Number));
        return names.Length == 0 ? "no wait queue, so no wake-up can reach it" : names;
    }
}
