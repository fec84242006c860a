using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Threads;

/// <summary>task_struct, the CPU that the task has for itself, and what it has done so far.</summary>
internal sealed class ThreadTask(int number, string name, int stateWord, Func<KernelTask> body)
{
    // What the segment register is to a CPU: kernel code has no other way to find the running task.
    [ThreadStatic]
    internal static ThreadTask? t_current;

    /// <summary>Its number from 0, which is its CPU's too.</summary>
    internal int Number { get; } = number;

    /// <summary>What it has been called when it was spawned.</summary>
    internal string Name { get; } = name;

    /// <summary>The address of current->state, by which it sleeps.</summary>
    internal int StateWord { get; } = stateWord;

    /// <summary>What it runs.</summary>
    internal Func<KernelTask> Body { get; } = body;

    /// <summary>What only its own thread writes, far from what others write.</summary>
    internal TaskRecord Record;

    /// <summary>What it waits for now.</summary>
    internal TaskWait Wait { get; } = new();

    /// <summary>When it was last woken, told by whoever woke it.</summary>
    internal long WokenAt;

    /// <summary>Its call chain, told by itself when it was asked while it could not go on.</summary>
    internal IReadOnlyList<string>? Chain;

    /// <summary>Forgets what it has done.</summary>
    internal void Reset(ulong seed)
    {
        Record = default;
        Record.Random = seed + (ulong)Number;
        Record.Random = Record.NextRandom(); // Seeds that lie near each other lead far apart.
        Wait.Reset();
        Chain = null;
    }
}

/// <summary>What a task's own thread counts; others look at it while it runs.</summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal unsafe struct TaskRecord
{
    private const int Begin = 128; // A line, and the one that comes with it, before and behind.

    /// <summary>preempt_count.</summary>
    [FieldOffset(Begin)]
    internal int PreemptCount;

    /// <summary>The number of spin locks that it holds.</summary>
    [FieldOffset(Begin + 4)]
    internal int Locks;

    /// <summary>Turns of a loop since its last primitive.</summary>
    [FieldOffset(Begin + 8)]
    internal int LoopTurns;

    /// <summary>Interrupts are off on its CPU.</summary>
    [FieldOffset(Begin + 12)]
    internal bool IrqsDisabled;

    /// <summary>It was woken, and has finished no operation since.</summary>
    [FieldOffset(Begin + 13)]
    internal bool IsWokenInVain;

    /// <summary>It stands in front of its first primitive, or has come further.</summary>
    [FieldOffset(Begin + 14)]
    internal bool HasBegun;

    /// <summary>Where its random numbers have come to.</summary>
    [FieldOffset(Begin + 16)]
    internal ulong Random;

    /// <summary>Operations that it has finished.</summary>
    [FieldOffset(Begin + 24)]
    internal long Operations;

    /// <summary>Sleeps that reached the operating system.</summary>
    [FieldOffset(Begin + 32)]
    internal long Sleeps;

    /// <summary>How often somebody woke it.</summary>
    [FieldOffset(Begin + 40)]
    internal long Wakeups;

    /// <summary>How often it was woken and went back to sleep with nothing done.</summary>
    [FieldOffset(Begin + 48)]
    internal long VainWakeups;

    /// <summary>How often it has called wake_up() for a queue.</summary>
    [FieldOffset(Begin + 56)]
    internal long WakeCalls;

    /// <summary>How often it has swept the whole table.</summary>
    [FieldOffset(Begin + 64)]
    internal long Sweeps;

    /// <summary>How often it has flushed all TLBs.</summary>
    [FieldOffset(Begin + 72)]
    internal long Flushes;

    /// <summary>Where its next entry is written down.</summary>
    [FieldOffset(Begin + 80)]
    internal RecordedEntry* LogNext;

    /// <summary>Where there is no room for it.</summary>
    [FieldOffset(Begin + 88)]
    internal RecordedEntry* LogEnd;

    /// <summary>Adds what another task has counted.</summary>
    internal void Add(in TaskRecord other)
    {
        Sleeps += other.Sleeps;
        Wakeups += other.Wakeups;
        VainWakeups += other.VainWakeups;
        WakeCalls += other.WakeCalls;
        Sweeps += other.Sweeps;
        Flushes += other.Flushes;
    }

    /// <summary>A number that nobody can guess (splitmix64).</summary>
    internal ulong NextRandom()
    {
        ulong mixed = Random += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}

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
