using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>wait_queue_head_t and try_to_wake_up of Linux 2.6.12 (kernel/wait.c, kernel/sched.c).</summary>
/// <remarks>
/// A queue is a count and that many entries, head first; an entry is the task's number doubled, plus 1 if exclusive,
/// plus 2 so that it is never 0.
/// </remarks>
public sealed class WaitQueueTable
{
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;

    internal WaitQueueTable(KernelWords memory, TaskTable tasks)
    {
        _memory = memory;
        _tasks = tasks;
    }

    /// <summary>The number of entries.</summary>
    public int Count(int queue) => _memory[queue];

    /// <summary>The task of an entry, counted from the head.</summary>
    public int TaskAt(int queue, int index) => (_memory[queue + 1 + index] >> 1) - 1;

    /// <summary>Whether an entry is exclusive.</summary>
    public bool IsExclusive(int queue, int index) => (_memory[queue + 1 + index] & 1) != 0;

    /// <summary>Whether a task is on a queue.</summary>
    public bool Contains(int queue, int task) => PositionOf(queue, task) >= 0;

    /// <summary>The place of a task's entry from the head; -1 if the task is not on the queue.</summary>
    public int PositionOf(int queue, int task)
    {
        int entry = (task + 1) << 1;
        return _memory.IndexOfAny(queue + 1, _memory[queue], entry, entry | 1);
    }

    /// <summary>An entry with another number for its task.</summary>
    internal static int Renamed(int entry, ReadOnlySpan<int> tasks) =>
        ((tasks[(entry >> 1) - 1] + 1) << 1) | (entry & 1);

    /// <summary>
    /// Adds an entry: ordinary ones at the head, exclusive ones at the tail. False if the task is on the queue already.
    /// </summary>
    internal bool Add(int queue, int task, bool exclusive)
    {
        if (PositionOf(queue, task) >= 0)
            return false;

        int count = _memory[queue]++;
        int entry = ((task + 1) << 1) | (exclusive ? 1 : 0);
        if (exclusive)
        {
            _memory.Set(queue + 1 + count, entry);
        }
        else
        {
            _memory.Move(queue + 1, queue + 2, count);
            _memory.Set(queue + 1, entry);
        }

        _tasks.AddQueues(task, 1);
        return true;
    }

    /// <summary>Unlinks a task's entry. False if it has none.</summary>
    internal bool Remove(int queue, int task)
    {
        int index = PositionOf(queue, task);
        if (index < 0)
            return false;

        int count = _memory[queue]--;
        _memory.Move(queue + 2 + index, queue + 1 + index, count - index - 1);

        _memory.Set(queue + count, 0); // The same queue has the same words, whatever stood there before.
        _tasks.AddQueues(task, -1);
        return true;
    }

    /// <summary>
    /// __wake_up: in list order, until <paramref name="exclusive"/> exclusive waiters were really woken (0: no limit).
    /// </summary>
    internal void WakeUp(int queue, int exclusive, IMachineObserver? observer)
    {
        int count = _memory[queue];
        for (int i = 0; i < count; i++)
        {
            bool woken = TryToWakeUp(TaskAt(queue, i), observer);
            if (woken && IsExclusive(queue, i) && --exclusive == 0)
                return;
        }
    }

    /// <summary>
    /// try_to_wake_up: a task that has not yet slept becomes RUNNING too, but does not count as woken.
    /// </summary>
    internal bool TryToWakeUp(int task, IMachineObserver? observer)
    {
        if (_tasks.State(task) == TaskState.Running || _tasks.Status(task) == ContextStatus.Dead)
            return false;

        _tasks.SetState(task, TaskState.Running);
        bool slept = _tasks.Status(task) == ContextStatus.Asleep;
        if (slept)
            _tasks.SetStatus(task, ContextStatus.Runnable);

        observer?.OnWoken(task, slept);
        return slept;
    }
}
