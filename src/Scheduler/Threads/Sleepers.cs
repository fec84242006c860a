using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Threads;

/// <summary>Wait queues, and threads that really sleep.</summary>
/// <remarks>
/// A task sleeps by its own state word. It has set the word, with a barrier, before it looked for what it wants; who
/// wakes it exchanges RUNNING into the word and calls the operating system only if the task was asleep or about to be.
/// In front of a queue, in memory, is the queue's own lock.
/// </remarks>
internal sealed unsafe class Sleepers(ThreadMachine machine, IParking parking)
{
    private const int LockBefore = 1; // Words.

    private readonly List<(string Name, int Queue)> _queues = [];

    /// <summary>Lays out a queue and its lock.</summary>
    internal int AddQueue(string name)
    {
        int queue = machine.Memory.Allocate(LockBefore + 1 + ThreadOptions.TasksMax) + LockBefore;
        _queues.Add((name, queue));
        return queue;
    }

    /// <summary>Whether an address is that of a queue.</summary>
    internal string? NameOf(int address) => _queues.Find(queue => queue.Queue == address).Name;

    /// <summary>The queues that a task is on, for a look at threads that all stand still.</summary>
    internal IEnumerable<string> QueuesOf(int task) => _queues
        .Where(queue => WaitQueueEntries.PositionOf(Entries(queue.Queue), task) >= 0)
        .Select(queue => queue.Name);

    /// <summary>schedule(): sleeps until the state is RUNNING.</summary>
    internal void Schedule(ThreadTask task)
    {
        int* word = machine.Words + task.StateWord;
        if (Volatile.Read(ref *word) == (int)TaskState.Running)
            return; // Woken in time.

        if (task.Record.IsWokenInVain)
            task.Record.VainWakeups++;

        task.Wait.Begin(WaitKind.Sleep);
        bool slept = false;
        int state;
        while ((state = Volatile.Read(ref *word)) != (int)TaskState.Running)
        {
            machine.WhileWaiting(task);
            slept |= parking.Park(word, state);
        }

        task.Wait.End();
        machine.LeaveIfStopping();
        task.Record.Wakeups++;
        task.Record.IsWokenInVain = true;
        if (!slept)
            return;

        task.Record.Sleeps++;
        if (machine.Options.Wakeups is { } meter)
            meter.OnWoken(task.Number, meter.Now() - Volatile.Read(ref task.WokenAt));
    }

    /// <summary>add_wait_queue, or add_wait_queue_exclusive, of the running task.</summary>
    internal void Enqueue(int queue, bool exclusive)
    {
        ThreadTask task = ThreadTask.t_current!;
        Lock(queue);
        bool isNew = WaitQueueEntries.Add(Entries(queue), task.Number, exclusive);
        Unlock(queue);
        if (!isNew)
            ReportCorruptList(task, queue, "adds its wait entry to", "while it is still linked");
    }

    /// <summary>remove_wait_queue of the running task.</summary>
    internal void Dequeue(int queue)
    {
        ThreadTask task = ThreadTask.t_current!;
        Lock(queue);
        bool wasThere = WaitQueueEntries.Remove(Entries(queue), task.Number);
        Unlock(queue);
        if (!wasThere)
            ReportCorruptList(task, queue, "removes its wait entry from", "where it is not");
    }

    /// <summary>wake_up.</summary>
    internal void WakeUp(int queue, int exclusive)
    {
        ThreadTask.t_current!.Record.WakeCalls++;
        Lock(queue);
        WaitQueueEntries.WakeUp(Entries(queue), exclusive, new Waker(this));
        Unlock(queue);
    }

    /// <summary>try_to_wake_up: whether it slept.</summary>
    internal bool TryToWakeUp(int number)
    {
        ThreadTask task = machine.Tasks[number];
        int* word = machine.Words + task.StateWord;
        if (Volatile.Read(ref *word) == (int)TaskState.Running)
            return false;

        if (machine.Options.Wakeups is { } meter)
            Volatile.Write(ref task.WokenAt, meter.Now());

        if (Interlocked.Exchange(ref *word, (int)TaskState.Running) == (int)TaskState.Running)
            return false;

        // Who is not asleep yet looks at the word before it sleeps.
        if (task.Wait.Kind != WaitKind.Sleep)
            return false;

        parking.Unpark(word);
        return true;
    }

    /// <summary>Lets a sleeper look round, whatever its state.</summary>
    internal void Prod(ThreadTask task) => parking.Unpark(machine.Words + task.StateWord);

    private QueueWords Entries(int queue) => new(machine.Words + queue);

    private void Lock(int queue)
    {
        if (Interlocked.CompareExchange(
            ref machine.Words[queue - LockBefore], ThreadTask.t_current!.Number + 1, 0) != 0)
            machine.Locks.Spin(queue - LockBefore);
    }

    private void Unlock(int queue) => Volatile.Write(ref machine.Words[queue - LockBefore], 0);

    private void ReportCorruptList(ThreadTask task, int queue, string does, string but) => machine.Report(
        FailureClass.BugOn,
        $"{machine.NameOf(task.Number)} {does} {NameOf(queue)}, {but}: the list is corrupt"
        + $"\n  in {machine.RunningChain()}");

    private readonly struct QueueWords(int* queue) : IQueueWords
    {
        public int this[int index] => queue[index];

        public void Set(int index, int value) => queue[index] = value;

        public void Move(int from, int to, int length) =>
            new ReadOnlySpan<int>(queue + from, length).CopyTo(new Span<int>(queue + to, length));

        public int IndexOfAny(int start, int length, int value, int other) =>
            new ReadOnlySpan<int>(queue + start, length).IndexOfAny(value, other);
    }

    private readonly struct Waker(Sleepers sleepers) : IWaker
    {
        public bool TryToWakeUp(int task) => sleepers.TryToWakeUp(task);
    }
}
