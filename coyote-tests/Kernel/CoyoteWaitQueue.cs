namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>
/// wait_queue_head_t of Linux 2.6.12: ordinary entries come to the head, exclusive ones to the tail (kernel/wait.c).
/// </summary>
internal sealed class CoyoteWaitQueue(string name)
{
    private readonly List<Entry> _entries = []; // Head first.

    /// <summary>The kernel's name for it.</summary>
    public string Name { get; } = name;

    /// <summary>The number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a task's entry. False if the task is on the queue already.</summary>
    public bool Add(CoyoteTask task, bool exclusive)
    {
        if (_entries.Exists(entry => entry.Task == task))
            return false;

        _entries.Insert(exclusive ? Count : 0, new Entry(task, exclusive));
        task.Queues++;
        return true;
    }

    /// <summary>Unlinks a task's entry. False if it has none.</summary>
    public bool Remove(CoyoteTask task)
    {
        int index = _entries.FindIndex(entry => entry.Task == task);
        if (index < 0)
            return false;

        _entries.RemoveAt(index);
        task.Queues--;
        return true;
    }

    /// <summary>
    /// __wake_up: in list order, until <paramref name="exclusive"/> exclusive waiters were really woken (0: no limit).
    /// </summary>
    public void WakeUp(int exclusive)
    {
        foreach ((CoyoteTask task, bool isExclusive) in _entries)
        {
            if (task.TryToWakeUp() && isExclusive && --exclusive == 0)
                return;
        }
    }

    /// <summary>Forgets all entries.</summary>
    public void Clear() => _entries.Clear();

    private readonly record struct Entry(CoyoteTask Task, bool IsExclusive);
}
