namespace Kmaplab.Scheduler.Kernel.Rules;

/// <summary>
/// The entries of a wait queue in words of kernel memory, and the order in which they are woken: the rules of Linux
/// 2.6.12 (kernel/wait.c), once for all kernels whose queues are words.
/// </summary>
/// <remarks>
/// A queue is a count and that many entries, head first; an entry is the task's number doubled, plus 1 if exclusive,
/// plus 2 so that it is never 0. Nothing here is atomic: a queue's own lock, or a machine that runs one task at a time,
/// keeps others away.
/// </remarks>
internal static class WaitQueueEntries
{
    /// <summary>The task of an entry, counted from the head.</summary>
    internal static int TaskAt<TWords>(TWords queue, int index)
        where TWords : struct, IQueueWords => (queue[1 + index] >> 1) - 1;

    /// <summary>Whether an entry is exclusive.</summary>
    internal static bool IsExclusive<TWords>(TWords queue, int index)
        where TWords : struct, IQueueWords => (queue[1 + index] & 1) != 0;

    /// <summary>The place of a task's entry from the head; -1 if the task is not on the queue.</summary>
    internal static int PositionOf<TWords>(TWords queue, int task)
        where TWords : struct, IQueueWords
    {
        int entry = EntryOf(task);
        return queue.IndexOfAny(1, queue[0], entry, entry | 1);
    }

    /// <summary>What an entry of a task is that is not exclusive.</summary>
    internal static int EntryOf(int task) => (task + 1) << 1;

    /// <summary>An entry with another number for its task.</summary>
    internal static int Renamed(int entry, ReadOnlySpan<int> tasks) =>
        ((tasks[(entry >> 1) - 1] + 1) << 1) | (entry & 1);

    /// <summary>
    /// Adds an entry: ordinary ones at the head, exclusive ones at the tail. False if the task is on the queue already.
    /// </summary>
    internal static bool Add<TWords>(TWords queue, int task, bool exclusive)
        where TWords : struct, IQueueWords
    {
        if (PositionOf(queue, task) >= 0)
            return false;

        int count = queue[0];
        queue.Set(0, count + 1);
        int entry = EntryOf(task) | (exclusive ? 1 : 0);
        if (exclusive)
        {
            queue.Set(1 + count, entry);
        }
        else
        {
            queue.Move(1, 2, count);
            queue.Set(1, entry);
        }

        return true;
    }

    /// <summary>Unlinks a task's entry. False if it has none.</summary>
    internal static bool Remove<TWords>(TWords queue, int task)
        where TWords : struct, IQueueWords
    {
        int index = PositionOf(queue, task);
        if (index < 0)
            return false;

        int count = queue[0];
        queue.Set(0, count - 1);
        queue.Move(index + 2, index + 1, count - index - 1);
        queue.Set(count, 0); // The same queue has the same words, whatever stood there before.
        return true;
    }

    /// <summary>
    /// __wake_up: in list order, until <paramref name="exclusive"/> exclusive waiters were really woken (0: no limit).
    /// </summary>
    internal static void WakeUp<TWords, TWaker>(TWords queue, int exclusive, TWaker waker)
        where TWords : struct, IQueueWords
        where TWaker : struct, IWaker
    {
        int count = queue[0];
        for (int i = 0; i < count; i++)
        {
            bool woken = waker.TryToWakeUp(TaskAt(queue, i));
            if (woken && IsExclusive(queue, i) && --exclusive == 0)
                return;
        }
    }
}

/// <summary>The words of one queue, the count first.</summary>
internal interface IQueueWords
{
    /// <summary>A word that is read.</summary>
    int this[int index] { get; }

    /// <summary>Stores a word.</summary>
    void Set(int index, int value);

    /// <summary>Copies words in a row to where they are from now on; the two rows may overlap.</summary>
    void Move(int from, int to, int length);

    /// <summary>
    /// The first of some words in a row that has one of two values, counted from the first; -1 if none has.
    /// </summary>
    int IndexOfAny(int start, int length, int value, int other);
}

/// <summary>try_to_wake_up of one kernel.</summary>
internal interface IWaker
{
    /// <summary>
    /// Makes a task RUNNING; true if it really slept. One that has only prepared to sleep becomes RUNNING, and that is
    /// all.
    /// </summary>
    bool TryToWakeUp(int task);
}
