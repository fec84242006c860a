using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Memory;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>
/// Keeps in which order tasks came to what they share: each entry was made while its object was held, so they all
/// have an order in which one machine could have done the same.
/// </summary>
/// <remarks>
/// <para>
/// An object has a version, which is counted on while the object is held. Each task writes down, for itself, what it
/// did, to what, and which version that made: nobody waits for anybody to write, and the order of an object is that of
/// its versions. A lock's version is odd while the lock is held. A word, a wait queue, a task's state and a page table
/// entry have even versions; odd means that somebody is at it, so the version is also the word's own little lock.
/// </para>
/// <para>
/// What a task does without a scheduling point, such as a look at a queue, belongs to the operation before it: on the
/// simulated machine the two are one step. So an entry of kind None names one more object of the step before.
/// </para>
/// </remarks>
internal sealed unsafe class ThreadRecorder
{
    private readonly ThreadMachine _machine;
    private readonly int[] _memory; // Of the versions, pinned.
    private readonly int* _versions; // By address.
    private readonly int[] _guards; // By address, the lock of a word, or -1.
    private readonly int[] _tried; // By address, the hold of a lock in which somebody has tried to take it.
    private readonly RecordRoom _room = new();
    private readonly RecordLog _log;
    private readonly Lock _lock = new();
    private long[]? _counts; // By task, when it was frozen.

    internal ThreadRecorder(
        ThreadMachine machine, int words, int tasks, IReadOnlyList<(int Start, int Length, int Guard)> guarded)
    {
        const int Line = ThreadMemory.LineWords;
        _machine = machine;
        _memory = GC.AllocateArray<int>(words + Line, pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref _memory[0]);
        _versions = (int*)((start + (Line * sizeof(int)) - 1) & -(Line * sizeof(int)));
        _tried = new int[words];
        _guards = new int[words];
        Array.Fill(_guards, -1);
        foreach ((int first, int length, int guard) in guarded)
            _guards.AsSpan(first, length).Fill(guard);

        _log = new RecordLog(_room, tasks, machine.Options.RecordedWanted, machine.Options.RecordedMax);
    }

    /// <summary>What tasks do is kept.</summary>
    internal volatile bool IsOn;

    /// <summary>More was done than is kept, and so nothing of it can be replayed beyond that.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>What is done now does not count.</summary>
    internal bool IsFrozen => Volatile.Read(ref _counts) is not null;

    /// <summary>The task that has found something wrong in its last step; -1 if none.</summary>
    internal int Finder { get; private set; } = -1;

    /// <summary>Forgets everything, and begins.</summary>
    internal void Reset()
    {
        _memory.AsSpan().Clear();
        _tried.AsSpan().Clear();
        _log.Clear();
        _counts = null;
        IsFull = false;
        Finder = -1;
        IsOn = true;
    }

    /// <summary>What is done from now on does not count.</summary>
    /// <param name="finder">The task that has found something wrong; -1 if none.</param>
    internal void Freeze(int finder)
    {
        lock (_lock)
        {
            if (_counts is not null)
                return;

            IsOn = false;
            Finder = finder;
            _counts = [.. _machine.Tasks.Select(task => Count(task.Number))];
        }
    }

    /// <summary>What everybody has done, which is forgotten here; everybody has stopped.</summary>
    internal IReadOnlyList<TaskEntries> HandOver() =>
    [
        .. _machine.Tasks.Select(task => _log.HandOver(task.Number, _counts?[task.Number] ?? Count(task.Number))),
    ];

    /// <summary>Where they are to be given back.</summary>
    internal RecordRoom Room => _room;

    /// <summary>The running task has taken a lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteAcquired(ThreadTask task, OperationKind kind, int spinLock)
    {
        int version = ++_versions[spinLock];
        Add(task, kind, spinLock, version, 1);
    }

    /// <summary>The running task is about to release a lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteReleasing(ThreadTask task, int spinLock)
    {
        int version = _versions[spinLock] + 1;
        Add(task, OperationKind.Release, spinLock, version, 0);
        Volatile.Write(ref _versions[spinLock], version);
    }

    /// <summary>How often a lock has been taken and released, before a try.</summary>
    internal int VersionOf(int spinLock) => Volatile.Read(ref _versions[spinLock]);

    /// <summary>
    /// Notes a try that has failed, if it is certain in which hold of the lock that was; else it must try again.
    /// </summary>
    internal bool NoteFailedTry(ThreadTask task, int spinLock, int before)
    {
        if ((before & 1) == 0 || VersionOf(spinLock) != before)
            return false;

        Volatile.Write(ref _tried[spinLock], before);
        Add(task, OperationKind.TryAcquire, spinLock, before, 0);
        return true;
    }

    /// <summary>Keeps everybody else away from an object; yields the version that this makes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Hold(int address)
    {
        int before = Volatile.Read(ref _versions[address]);
        if ((before & 1) != 0
            || Interlocked.CompareExchange(ref _versions[address], before + 1, before) != before)
        {
            before = HoldSlowly(address);
        }

        return before + 2;
    }

    /// <summary>Lets others come, who see that something was done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LetGo(int address, int version) => Volatile.Write(ref _versions[address], version);

    /// <summary>The next version of an object that its own lock guards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int NextOf(int address) => _versions[address] += 2;

    /// <summary>A marked access of a word.</summary>
    internal int Perform(OperationKind kind, int address, int argument = 0, int second = 0)
    {
        int me = ThreadTask.t_current!.Number;
        int guard = _guards[address];
        if (guard < 0 || _machine.Words[guard] == me + 1)
            return PerformNow(kind, address, argument, second);

        Visit visit = _machine.Visits.Enter(me, guard);
        try
        {
            return PerformNow(kind, address, argument, second);
        }
        finally
        {
            _machine.Visits.Leave(me, guard, visit);
        }
    }

    /// <summary>A look at a word between two steps of whoever holds its lock.</summary>
    /// <remarks>
    /// On the simulated machine nobody looks within a step. Where among the holder's steps it was is not written down:
    /// an order in which that makes no difference, or in which it was there, is looked for when it is replayed.
    /// </remarks>
    internal int Peek(int address, int guard)
    {
        if (ThreadTask.t_current is not { } task || _machine.Words[guard] == task.Number + 1)
            return Volatile.Read(ref _machine.Words[address]);

        Visit visit = _machine.Visits.Enter(task.Number, guard);
        int word = Volatile.Read(ref _machine.Words[address]);
        _machine.Visits.Leave(task.Number, guard, visit);
        return word;
    }

    /// <summary>Whether nobody has come since to what the running task's step has concerned so far.</summary>
    /// <remarks>
    /// If so, all of the step may as well have been done now. If not, there may be no moment of which that can be said,
    /// and what the task looks at now is not written down: orders that contradict each other cannot be replayed, and
    /// what difference it makes, the replay finds out.
    /// </remarks>
    /// <param name="task">The running task.</param>
    /// <param name="held">An object that the task holds at the moment; -1 if none.</param>
    internal bool IsStepUndisturbed(ThreadTask task, int held = -1)
    {
        StepSoFar step = StepSoFar.Of(task.Record.LogNext, task.Record.LogEnd);
        for (int i = step.Length - 1; i >= 0; i--)
        {
            ref readonly RecordedEntry entry = ref step[i];
            int version = entry.Version + (entry.Address == held ? 1 : 0);
            bool isDisturbed = entry.Version != 0
                && (_versions[entry.Address] != version || _tried[entry.Address] == version)
                && !step.HasAgain(i);
            if (isDisturbed)
                return false;
        }

        return step.IsKnown;
    }

    private int PerformNow(OperationKind kind, int address, int argument, int second)
    {
        int version = Hold(address);
        ref int word = ref _machine.Words[address];
        int old = word;
        int result = kind == OperationKind.CompareExchange ? (old == argument ? 1 : 0) : old;
        switch (kind)
        {
            case OperationKind.WriteOnce:
                word = argument;
                result = 0;
                break;
            case OperationKind.Exchange:
                word = argument;
                break;
            case OperationKind.FetchAdd:
                word += argument;
                break;
            case OperationKind.CompareExchange or OperationKind.CompareExchangeOld when old == argument:
                word = second;
                break;
        }

        Add(ThreadTask.t_current!, kind, address, version, result);
        LetGo(address, version);
        return result;
    }

    /// <summary>Looks once more, with everybody kept away, whether a word is what a task waits for.</summary>
    internal bool Awaits(int address, int value)
    {
        int version = Hold(address);
        bool isThere = _machine.Words[address] == value;
        if (isThere)
            Add(ThreadTask.t_current!, OperationKind.Await, address, version, 0);

        LetGo(address, isThere ? version : version - 2);
        return isThere;
    }

    /// <summary>Writes down what the running task has done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(ThreadTask task, OperationKind kind, int address, int version, int result)
    {
        ref TaskRecord record = ref task.Record;
        if (record.LogNext == record.LogEnd && !TakeBlock(task))
            return;

        *record.LogNext++ = new RecordedEntry(kind, address, version, result);
    }

    private int HoldSlowly(int address)
    {
        var spin = new SpinWait();
        while (true)
        {
            int before = Volatile.Read(ref _versions[address]);
            if ((before & 1) == 0
                && Interlocked.CompareExchange(ref _versions[address], before + 1, before) == before)
            {
                return before;
            }

            _machine.LeaveIfStopping();
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private bool TakeBlock(ThreadTask task)
    {
        lock (_lock)
        {
            if (!IsOn)
                return false;

            if (_log.IsFull)
            {
                IsFull = true;
                if (_machine.Options.EndsWhenFull)
                    _machine.StopFull();

                IsOn = false;
                return false;
            }

            ref TaskRecord record = ref task.Record;
            record.LogNext = _log.Take(task.Number, out record.LogEnd);

            // A run that is long enough ends as soon as everybody may end, and another one begins.
            if (_log.IsEnough)
                _machine.IsEnding = true;

            return true;
        }
    }

    private long Count(int task) => _log.Count(task, _machine.Tasks[task].Record.LogNext);
}
