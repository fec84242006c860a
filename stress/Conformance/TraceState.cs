using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>What a task is doing between two steps.</summary>
public enum TaskCondition
{
    /// <summary>Outside any operation.</summary>
    [JsonStringEnumMemberName("idle")]
    Idle,

    /// <summary>Inside an operation and runnable.</summary>
    [JsonStringEnumMemberName("ready")]
    Ready,

    /// <summary>Marked for sleep, still running.</summary>
    [JsonStringEnumMemberName("prep")]
    Prep,

    /// <summary>Gave up the CPU and waits to be woken.</summary>
    [JsonStringEnumMemberName("asleep")]
    Asleep,

    /// <summary>Failed a check and never runs again.</summary>
    [JsonStringEnumMemberName("dead")]
    Dead,
}

/// <summary>The whole state after a step, always complete whatever the file's encoding.</summary>
public sealed record TraceState
{
    /// <summary>The counter of each slot.</summary>
    public required ValueArray<int> PkmapCount { get; init; }

    /// <summary>The slot the last search stopped at.</summary>
    public required int LastPkmapNr { get; init; }

    /// <summary>The page in each slot's entry, -1 when empty.</summary>
    public required ValueArray<int> PageTable { get; init; }

    /// <summary>By page, the address its first record holds, or 0 without a record.</summary>
    public required ValueArray<uint> PageAddress { get; init; }

    /// <summary>Tasks in the wait queue, head first.</summary>
    public required ValueArray<int> WaitQueue { get; init; }

    /// <summary>Sweeps of the whole table so far.</summary>
    public required int Flushes { get; init; }

    /// <summary>Flushes of the table's address range so far.</summary>
    public required int TlbFlushes { get; init; }

    /// <summary>Wake-ups of the queue so far, whether or not somebody slept.</summary>
    public required int WakeCalls { get; init; }

    /// <summary>By task, what it is doing.</summary>
    public required ValueArray<TaskCondition> Tasks { get; init; }

    /// <summary>The task that holds the table lock.</summary>
    public int? Lock { get; init; }

    /// <summary>The page-to-address table, null when the trace does not show it.</summary>
    public HashState? Hash { get; init; }
}

/// <summary>The page-to-address table from the inside.</summary>
/// <param name="Entries">Every record in use, by bucket upwards and then in chain order.</param>
/// <param name="Pool">Unused records, head first.</param>
public sealed record HashState(ValueArray<HashEntry> Entries, ValueArray<int> Pool);

/// <summary>A record in use: the chain it hangs on, what it says, and its number.</summary>
public readonly record struct HashEntry(int Bucket, int Page, uint Address, int Record);
