using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>wait_queue_head_t and try_to_wake_up of Linux 2.6.12 (kernel/wait.c, kernel/sched.c).</summary>
/// <remarks>What a queue's words mean, and who is woken when, is said in <see cref="WaitQueueEntries"/>.</remarks>
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
    public int TaskAt(int queue, int index) => WaitQueueEntries.TaskAt(Entries(queue), index);

    /// <summary>Whether an entry is exclusive.</summary>
    public bool IsExclusive(int queue, int index) => WaitQueueEntries.IsExclusive(Entries(queue), index);

    /// <summary>Whether a task is on a queue.</summary>
    public bool Contains(int queue, int task) => PositionOf(queue, task) >= 0;

    /// <summary>The place of a task's entry from the head; -1 if the task is not on the queue.</summary>
    public int PositionOf(int queue, int task) => WaitQueueEntries.PositionOf(Entries(queue), task);

    /// <summary>What an entry of a task is that is not exclusive.</summary>
    internal static int EntryOf(int task) => WaitQueueEntries.EntryOf(task);

    /// <summary>An entry with another number for its task.</summary>
    internal static int Renamed(int entry, ReadOnlySpan<int> tasks) => WaitQueueEntries.Renamed(entry, tasks);

    /// <summary>
    /// Adds an entry: ordinary ones at the head, exclusive ones at the tail. False if the task is on the queue already.
    /// </summary>
    internal bool Add(int queue, int task, bool exclusive)
    {
        if (!WaitQueueEntries.Add(Entries(queue), task, exclusive))
            return false;

        _tasks.AddQueues(task, 1);
        return true;
    }

    /// <summary>Unlinks a task's entry. False if it has none.</summary>
    internal bool Remove(int queue, int task)
    {
        if (!WaitQueueEntries.Remove(Entries(queue), task))
            return false;

        _tasks.AddQueues(task, -1);
        return true;
    }

    /// <summary>
    /// __wake_up: in list order, until <paramref name="exclusive"/> exclusive waiters were really woken (0: no limit).
    /// </summary>
    internal void WakeUp(int queue, int exclusive, IMachineObserver? observer) =>
        WaitQueueEntries.WakeUp(Entries(queue), exclusive, new Waker(this, observer));

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

    private Words Entries(int queue) => new(_memory, queue);

    private readonly struct Words(KernelWords memory, int queue) : IQueueWords
    {
        public int this[int index] => memory[queue + index];

        public void Set(int index, int value) => memory.Set(queue + index, value);

        public void Move(int from, int to, int length) => memory.Move(queue + from, queue + to, length);

        public int IndexOfAny(int start, int length, int value, int other) =>
            memory.IndexOfAny(queue + start, length, value, other);
    }

    private readonly struct Waker(WaitQueueTable queues, IMachineObserver? observer) : IWaker
    {
        public bool TryToWakeUp(int task) => queues.TryToWakeUp(task, observer);
    }
}
