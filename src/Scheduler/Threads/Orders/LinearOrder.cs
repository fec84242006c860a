using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>
/// Puts the steps of all tasks in one order that follows each task's program and each object's versions.
/// </summary>
/// <remarks>
/// A task goes on until its next step needs a version that is not there yet, and waits for that object. Nothing but
/// recorded orders decides, so any order that comes out is as good as the one that was.
/// </remarks>
internal sealed class LinearOrder
{
    private readonly RecordedEntry[][] _entries; // By task.
    private readonly int[] _next; // By task, the entry with which its next step begins.
    private readonly int[] _versions; // By address.
    private readonly int[] _waiting; // By address, the task that has waited last, plus 1.
    private readonly int[] _waitingBefore; // By task, who waited for the same before it, plus 1.

    // Failed ones of a hold that are still to be made.
    private readonly Dictionary<(int Lock, int Version), int> _tries = [];

    private readonly int _finder;
    private readonly Queue<int> _ready = [];
    private readonly List<(int Task, RecordedEntry Entry)> _ordered;
    private int _steps;

    private LinearOrder(RecordedEntry[][] entries, int words, int finder)
    {
        _entries = entries;
        _finder = finder;
        _ordered = new List<(int, RecordedEntry)>(entries.Sum(task => task.Length));
        _next = new int[entries.Length];
        _versions = new int[words];
        _waiting = new int[words];
        _waitingBefore = new int[entries.Length];
    }

    /// <summary>The entries of all steps, each with its task; those of one step lie together.</summary>
    /// <param name="entries">By task, what it has done.</param>
    /// <param name="words">The number of addresses.</param>
    /// <param name="finder">The task whose last step comes last; -1 for none.</param>
    /// <param name="isWhole">Nothing may be left over.</param>
    /// <exception cref="RecordingException">The orders contradict each other.</exception>
    internal static IReadOnlyList<(int Task, RecordedEntry Entry)> Of(
        RecordedEntry[][] entries, int words, int finder, bool isWhole)
    {
        var order = new LinearOrder(entries, words, finder);
        order.Run();
        int left = -1;
        for (int task = 0; task < entries.Length; task++)
        {
            bool isOver = order._next[task] == entries[task].Length;
            if (!isOver && (isWhole || task == finder))
                left = task;
        }

        return left < 0
            ? order._ordered
            : throw new RecordingException(
                $"the orders that were recorded contradict each other: after {order._steps} steps, operation "
                + $"{order._next[left] + 1} of task {left} ({entries[left][order._next[left]].Kind}) would have to "
                + "come before and after another one");
    }

    private void Run()
    {
        for (int task = 0; task < _entries.Length; task++)
        {
            CountTries(task);
            SkipBeginning(task);
            _ready.Enqueue(task);
        }

        while (_ready.TryDequeue(out int task))
        {
            while (_next[task] < _entries[task].Length && !IsFindersLast(task) && TryStep(task))
            { }
        }

        // Whatever else was done may have been done before something was found wrong.
        if (_finder >= 0 && IsFindersLast(_finder))
            TryStep(_finder);
    }

    private bool IsFindersLast(int task) => task == _finder && EndOf(task) == _entries[task].Length;

    // The entry behind the step that comes next.
    private int EndOf(int task)
    {
        RecordedEntry[] entries = _entries[task];
        int end = _next[task] + 1;
        while (end < entries.Length && entries[end].Kind == OperationKind.None)
            end++;

        return end;
    }

    private void CountTries(int task)
    {
        foreach (RecordedEntry entry in _entries[task])
        {
            if (!IsFailedTry(entry))
                continue;

            (int, int) hold = (entry.Address, entry.Version);
            _tries[hold] = _tries.GetValueOrDefault(hold) + 1;
        }
    }

    // What code does in front of its first operation, it does before anybody has begun.
    private void SkipBeginning(int task)
    {
        RecordedEntry[] entries = _entries[task];
        for (; _next[task] < entries.Length && entries[_next[task]].Kind == OperationKind.None; _next[task]++)
            _versions[entries[_next[task]].Address] = entries[_next[task]].Version;
    }

    private bool TryStep(int task)
    {
        RecordedEntry[] entries = _entries[task];
        int begin = _next[task];
        int end = EndOf(task);
        for (int i = begin; i < end; i++)
        {
            RecordedEntry entry = entries[i];
            if (entry.Version == 0)
                continue;

            if (!IsNext(entries, begin, i))
            {
                _waitingBefore[task] = _waiting[entry.Address];
                _waiting[entry.Address] = task + 1;
                return false;
            }
        }

        _steps++;
        _next[task] = end;
        for (int i = begin; i < end; i++)
        {
            _ordered.Add((task, entries[i]));
            Set(entries[i]);
        }

        return true;
    }

    // Whether an entry's object has come to the version before it, with what the same step has done to it so far.
    private bool IsNext(RecordedEntry[] entries, int begin, int index)
    {
        RecordedEntry entry = entries[index];
        int version = _versions[entry.Address];
        for (int i = begin; i < index; i++)
        {
            if (entries[i].Version != 0 && entries[i].Address == entry.Address)
                version = entries[i].Version;
        }

        return entry.Kind switch
        {
            OperationKind.TryAcquire when entry.Result == 0 => version == entry.Version,
            OperationKind.Acquire or OperationKind.TryAcquire => version == entry.Version - 1,
            OperationKind.Release =>
                version == entry.Version - 1 && _tries.GetValueOrDefault((entry.Address, version)) == 0,
            _ => version == entry.Version - 2,
        };
    }

    private void Set(RecordedEntry entry)
    {
        if (entry.Version == 0)
            return;

        if (IsFailedTry(entry))
            _tries[(entry.Address, entry.Version)]--;

        _versions[entry.Address] = entry.Version;
        int waiting = _waiting[entry.Address];
        _waiting[entry.Address] = 0;
        for (; waiting != 0; waiting = _waitingBefore[waiting - 1])
            _ready.Enqueue(waiting - 1);
    }

    private static bool IsFailedTry(RecordedEntry entry) => entry is { Kind: OperationKind.TryAcquire, Result: 0 };
}
