using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>Running: threads, whoever looks on, and the end.</content>
public sealed unsafe partial class ThreadMachine
{
    private const int StackBytes = 2 << 20;
    private const int LookMs = 20;
    private const int LooksUntilLeft = 150; // What a thread may take to leave.
    private const int StallMs = 10_000; // Without a finished operation; for each task that a processor has to run.

    private readonly Hang _hang;

    /// <summary>Runs every task to its end, or until something is wrong.</summary>
    /// <param name="look">Called many times a second, with what has been done so far.</param>
    /// <param name="keep">
    /// Takes what was recorded each time that all tasks have ended, after which they begin again on the memory that
    /// they have left, until it yields false; null if they shall not.
    /// </param>
    /// <param name="end">Tell tasks that may end after each round to do so.</param>
    /// <param name="stop">Leave everything as it is.</param>
    public ThreadRun Run(
        Action<ThreadTotals>? look = null,
        Func<ThreadEpoch, bool>? keep = null,
        CancellationToken end = default,
        CancellationToken stop = default)
    {
        Reset();
        TaskBarrier? barrier = keep is null ? null : new TaskBarrier(_tasks.Count, () => TryTurn(keep));
        using var gate = new ManualResetEventSlim();
        Thread[] threads = [.. _tasks.Select(task => Start(task, gate, barrier))];
        gate.Set();
        Watch(threads, look, end, stop);

        bool isComplete = _finding is null && !_isStopping;
        int left = Leave(threads);
        if (Volatile.Read(ref _crash) is { } crash)
            ExceptionDispatchInfo.Throw(crash);

        if (isComplete && _isChecked)
            _finding = FindAtEnd();

        return new ThreadRun(_finding, isComplete, Totals(), left);
    }

    /// <summary>What all tasks have done so far.</summary>
    public ThreadTotals Totals()
    {
        var operations = new long[_tasks.Count];
        TaskRecord sum = default;
        int sleeping = 0;
        foreach (ThreadTask task in _tasks)
        {
            operations[task.Number] = task.Record.Operations;
            sum.Add(task.Record);
            sleeping += task.Wait.Kind == WaitKind.Sleep ? 1 : 0;
        }

        return new ThreadTotals
        {
            Operations = operations,
            Sleeping = sleeping,
            Sleeps = sum.Sleeps,
            Wakeups = sum.Wakeups,
            VainWakeups = sum.VainWakeups,
            WakeCalls = sum.WakeCalls,
            Sweeps = sum.Sweeps,
            Flushes = sum.Flushes,
        };
    }

    /// <summary>Operations that all tasks have finished.</summary>
    internal long Operations()
    {
        long operations = 0;
        foreach (ThreadTask task in _tasks)
            operations += Volatile.Read(ref task.Record.Operations);

        return operations;
    }

    private Thread Start(ThreadTask task, ManualResetEventSlim gate, TaskBarrier? barrier)
    {
        var thread = new Thread(
            () =>
            {
                gate.Wait();
                while (HasEnded(task) && barrier is not null)
                {
                    if (!barrier.Await())
                        return;
                }

                barrier?.Leave();
            },
            StackBytes)
        { IsBackground = true, Name = $"{NameOf(task.Number)} ({task.Name})" };
        thread.Start();
        return thread;
    }

    // Runs a task; yields whether it has ended by itself.
    private bool HasEnded(ThreadTask task)
    {
        ThreadTask.t_current = task;
        try
        {
            AwaitTurn(task);
            if (!task.Body().GetAwaiter().IsCompleted)
                throw new InvalidOperationException($"{NameOf(task.Number)} has stopped in front of an operation");

            if (_isChecked)
            {
                Locks.LetGo(task);
                CheckExit(task);
            }

            return true;
        }
        catch (RunOverException exception)
        {
            task.Chain ??= KernelCallChain.OfException(exception, task.Name);
        }
        catch (Exception exception)
        {
            ThreadTask.t_current = null;
            t_dying = task;
            Die(task, exception);
        }
        finally
        {
            ThreadTask.t_current = null;
            if (!task.Record.HasBegun)
                PassTurn(task);

            task.Wait.Begin(WaitKind.Ended);
        }

        return false;
    }

    // Code that throws is a finding, or a mistake of whoever wrote the scenario, who hears of it.
    private void Die(ThreadTask task, Exception exception)
    {
        try
        {
            ContextDeath.Report(this, task.Number, exception);
        }
        catch (Exception misuse)
        {
            Interlocked.CompareExchange(ref _crash, misuse, null);
            Stop();
        }
    }

    private void CheckExit(ThreadTask task)
    {
        ref TaskRecord record = ref task.Record;
        string name = NameOf(task.Number);
        string? left = Locks.HeldBy(task.Number).FirstOrDefault() is { } spinLock ? $"and still holds {spinLock}"
            : record.PreemptCount != 0 ? $"with preempt_count {record.PreemptCount:x8}, and began with 00000000"
            : record.IrqsDisabled ? $"with interrupts off on CPU {task.Number}"
            : Paging.SlotOf(task.Number) is { } slot ? $"and has not given back {slot}"
            : null;
        if (left is not null)
            Report(FailureClass.Leak, $"{name} ends {left}");
    }

    private void Watch(Thread[] threads, Action<ThreadTotals>? look, CancellationToken end, CancellationToken stop)
    {
        var stall = new Stall(LookMs, StallMs * Math.Max(1, _tasks.Count / Environment.ProcessorCount));
        while (!HaveEnded(threads))
        {
            if (end.IsCancellationRequested)
                EndRun();

            if (stop.IsCancellationRequested)
                Stop();

            look?.Invoke(Totals());
            if (_isStopping)
                return;

            Finding? hang = _hang.Find()
                ?? (stall.IsOver(Operations())
                    ? new Finding(
                        FailureClass.Livelock,
                        _hang.Situation($"have finished no operation for {stall.Seconds:f0} busy seconds"))
                    : null);
            if (hang is null)
                continue;

            Recorder?.Freeze(-1);

            // What tasks find while they are woken by hand does not count.
            Volatile.Write(ref _finding, hang);
            Stop();
        }
    }

    // Looks soon at first: many runs are short.
    private static bool HaveEnded(Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            if (!thread.Join(LookMs))
                return false;
        }

        return true;
    }

    private int Leave(Thread[] threads)
    {
        int looks = 0;
        while (!HaveEnded(threads) && looks++ < LooksUntilLeft)
            Stop(); // Again: somebody may have been about to sleep.

        return threads.Count(thread => thread.IsAlive);
    }

    private Finding? FindAtEnd()
    {
        foreach (Func<Finding?> check in EndChecks)
        {
            if (check() is { } wrong)
                return wrong;
        }

        return null;
    }
}

/// <summary>How a run on threads ended.</summary>
/// <param name="Finding">What is wrong; null if nothing was found.</param>
/// <param name="IsComplete">Every task has ended by itself, so what must hold at the end was looked at.</param>
/// <param name="Totals">What was done.</param>
/// <param name="ThreadsLeft">Threads that did not come back from code that asks the kernel for nothing.</param>
public sealed record ThreadRun(Finding? Finding, bool IsComplete, ThreadTotals Totals, int ThreadsLeft);
