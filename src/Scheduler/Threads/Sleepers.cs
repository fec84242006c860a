using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

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

    /// <summary>No task is on any queue.</summary>
    internal bool AreAllAwake => _queues.TrueForAll(queue => Volatile.Read(ref machine.Words[queue.Queue]) == 0);

    /// <summary>schedule(): sleeps until the state is RUNNING.</summary>
    internal void Schedule(ThreadTask task)
    {
        int* word = machine.Words + task.StateWord;
        if (!BeginSleep(task))
            return; // Woken in time.

        if (task.Record.IsWokenInVain)
            task.Record.VainWakeups++;

        bool slept = false;
        int state;
        while ((state = Volatile.Read(ref *word)) != (int)TaskState.Running)
        {
            machine.WhileWaiting(task);
            slept |= parking.Park(word, state);
        }

        task.Wait.End();
        machine.LeaveIfStopping();
        if (machine.Recording is { } recorder)
        {
            int version = recorder.Hold(task.StateWord);
            recorder.Add(task, OperationKind.Resume, task.StateWord, version, 0);
            recorder.LetGo(task.StateWord, version);
        }

        task.Record.Wakeups++;
        task.Record.IsWokenInVain = true;
        if (!slept)
            return;

        task.Record.Sleeps++;
        if (machine.Options.Wakeups is { } meter)
            meter.OnWoken(task.Number, meter.Now() - Volatile.Read(ref task.WokenAt));
    }

    // Who wakes it must see the same of it on all machines: asleep, or only about to be.
    private bool BeginSleep(ThreadTask task)
    {
        ref int word = ref machine.Words[task.StateWord];
        ThreadRecorder? recorder = machine.Recording;
        int version = recorder?.Hold(task.StateWord) ?? 0;
        bool sleeps = Volatile.Read(ref word) != (int)TaskState.Running;
        if (sleeps)
            task.Wait.Begin(WaitKind.Sleep);

        recorder?.Add(task, OperationKind.Schedule, task.StateWord, version, sleeps ? 1 : 0);
        recorder?.LetGo(task.StateWord, version);
        return sleeps;
    }

    /// <summary>current->state = state, with the barrier of set_current_state().</summary>
    internal void SetState(ThreadTask task, TaskState state)
    {
        ThreadRecorder? recorder = machine.Recording;
        int version = recorder?.Hold(task.StateWord) ?? 0;
        Interlocked.Exchange(ref machine.Words[task.StateWord], (int)state);
        recorder?.Add(task, OperationKind.SetState, task.StateWord, version, 0);
        recorder?.LetGo(task.StateWord, version);
    }

    /// <summary>waitqueue_active: plain, or as an operation.</summary>
    internal bool IsActive(int queue, OperationKind kind)
    {
        if (ThreadTask.t_current is not { } task || machine.Recording is not { } recorder)
            return Volatile.Read(ref machine.Words[queue]) > 0;

        Lock(queue);
        bool isActive = machine.Words[queue] > 0;
        if (kind != OperationKind.None || recorder.IsStepUndisturbed(task))
            recorder.Add(task, kind, queue, recorder.NextOf(queue), isActive ? 1 : 0);

        Unlock(queue);
        return isActive;
    }

    /// <summary>Whether a queue has so many entries, for a task that waits for that.</summary>
    internal bool Awaits(ThreadRecorder recorder, int queue, int count)
    {
        Lock(queue);
        bool isThere = machine.Words[queue] == count;
        if (isThere)
            recorder.Add(ThreadTask.t_current!, OperationKind.Await, queue, recorder.NextOf(queue), 0);

        Unlock(queue);
        return isThere;
    }

    /// <summary>add_wait_queue, or add_wait_queue_exclusive, of the running task.</summary>
    internal void Enqueue(int queue, bool exclusive)
    {
        ThreadTask task = ThreadTask.t_current!;
        Lock(queue);
        bool isNew = WaitQueueEntries.Add(Entries(queue), task.Number, exclusive);
        Note(task, OperationKind.Enqueue, queue);
        Unlock(queue);
        if (!isNew)
            ReportCorruptList(task, queue, "adds its wait entry to", " while it is still linked");
    }

    /// <summary>remove_wait_queue of the running task.</summary>
    internal void Dequeue(int queue)
    {
        ThreadTask task = ThreadTask.t_current!;
        Lock(queue);
        bool wasThere = WaitQueueEntries.Remove(Entries(queue), task.Number);
        Note(task, OperationKind.Dequeue, queue);
        Unlock(queue);
        if (!wasThere)
            ReportCorruptList(task, queue, "removes its wait entry from", ", where it is not");
    }

    /// <summary>wake_up.</summary>
    internal void WakeUp(int queue, int exclusive)
    {
        ThreadTask task = ThreadTask.t_current!;
        task.Record.WakeCalls++;
        Lock(queue);
        Note(task, OperationKind.WakeUp, queue);
        WaitQueueEntries.WakeUp(Entries(queue), exclusive, new Waker(this));
        Unlock(queue);
    }

    /// <summary>try_to_wake_up: whether it slept.</summary>
    internal bool TryToWakeUp(int number)
    {
        ThreadTask task = machine.Tasks[number];
        int* word = machine.Words + task.StateWord;
        if (machine.Recording is { } recorder && ThreadTask.t_current is { } waker)
            return TryToWakeUp(recorder, waker, task);

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

    private bool TryToWakeUp(ThreadRecorder recorder, ThreadTask waker, ThreadTask task)
    {
        int version = recorder.Hold(task.StateWord);
        ref int word = ref machine.Words[task.StateWord];
        bool slept = word != (int)TaskState.Running && task.Wait.Kind == WaitKind.Sleep;
        if (slept && machine.Options.Wakeups is { } meter)
            Volatile.Write(ref task.WokenAt, meter.Now());

        Interlocked.Exchange(ref word, (int)TaskState.Running);
        recorder.Add(waker, OperationKind.None, task.StateWord, version, 0);
        recorder.LetGo(task.StateWord, version);
        if (slept)
            parking.Unpark(machine.Words + task.StateWord);

        return slept;
    }

    // The queue's lock is held.
    private void Note(ThreadTask task, OperationKind kind, int queue)
    {
        if (machine.Recording is { } recorder)
            recorder.Add(task, kind, queue, recorder.NextOf(queue), 0);
    }

    /// <summary>Lets a sleeper look round, whatever its state.</summary>
    internal void Prod(ThreadTask task) => parking.Unpark(machine.Words + task.StateWord);

    private QueueWords Entries(int queue) => new(machine.Words + queue);

    private void Lock(int queue)
    {
        if (Interlocked.CompareExchange(
            ref machine.Words[queue - LockBefore], ThreadTask.t_current!.Number + 1, 0) != 0)
            machine.Locks.Spin(queue - LockBefore, isStep: false); // It may be a look within one.
    }

    private void Unlock(int queue) => Volatile.Write(ref machine.Words[queue - LockBefore], 0);

    private void ReportCorruptList(ThreadTask task, int queue, string does, string but) => machine.Report(
        FailureClass.BugOn,
        $"{machine.NameOf(task.Number)} {does} {NameOf(queue)}{but}: the list is corrupt"
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
