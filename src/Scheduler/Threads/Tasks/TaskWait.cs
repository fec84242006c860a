using System.Threading;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>What keeps a task from going on.</summary>
internal enum WaitKind
{
    /// <summary>Nothing: it runs.</summary>
    None,

    /// <summary>It sleeps until somebody wakes it.</summary>
    Sleep,

    /// <summary>It spins for a lock.</summary>
    Lock,

    /// <summary>It waits until a word has a value.</summary>
    Word,

    /// <summary>It has ended.</summary>
    Ended,
}

/// <summary>What a task waits for, told to those who look on.</summary>
/// <remarks>
/// Each wait has a number of its own. Who sees the same number twice knows that the task has stood there all the time
/// in between, and has done nothing but try.
/// </remarks>
internal sealed class TaskWait
{
    private int _kind;
    private int _number;

    internal WaitKind Kind => (WaitKind)Volatile.Read(ref _kind);

    internal int Number => Volatile.Read(ref _number);

    /// <summary>The lock or the word.</summary>
    internal int Target { get; private set; }

    /// <summary>The value that the word must have.</summary>
    internal int Value { get; private set; }

    internal void Begin(WaitKind kind, int target = 0, int value = 0)
    {
        Target = target;
        Value = value;
        Volatile.Write(ref _kind, (int)kind);
        Interlocked.MemoryBarrier(); // Told before the task looks at what it waits for.
    }

    internal void End()
    {
        Volatile.Write(ref _kind, (int)WaitKind.None);
        Interlocked.Increment(ref _number); // Told before the task does anything else.
    }

    internal void Reset()
    {
        _number++;
        _kind = 0;
    }
}
