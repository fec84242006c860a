using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Threads.Tasks;

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

    /// <summary>A lock that it gives back at the end of its step, plus 1; 0 if none.</summary>
    [FieldOffset(Begin + 96)]
    internal int Released;

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
