using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>What a step asks for.</summary>
public enum TraceOp
{
    /// <summary>A task maps a page.</summary>
    [JsonStringEnumMemberName("kmap")]
    Kmap,

    /// <summary>A woken task runs on inside its kmap.</summary>
    [JsonStringEnumMemberName("resume")]
    Resume,

    /// <summary>A task drops one use of a page.</summary>
    [JsonStringEnumMemberName("kunmap")]
    Kunmap,

    /// <summary>A look-up of a page's address.</summary>
    [JsonStringEnumMemberName("page_address")]
    PageAddress,

    /// <summary>A direct entry into the page-to-address table.</summary>
    [JsonStringEnumMemberName("set_page_address")]
    SetPageAddress,

    /// <summary>A direct removal from the page-to-address table.</summary>
    [JsonStringEnumMemberName("clear_page_address")]
    ClearPageAddress,

    /// <summary>One cell is overwritten from outside.</summary>
    [JsonStringEnumMemberName("poke")]
    Poke,
}

/// <summary>The actions a fine step moves between.</summary>
public enum YieldLabel
{
    /// <summary>An idle task enters its next operation.</summary>
    [JsonStringEnumMemberName("begin")]
    Begin,

    /// <summary>Take the table lock.</summary>
    [JsonStringEnumMemberName("lock")]
    Lock,

    /// <summary>Release the table lock.</summary>
    [JsonStringEnumMemberName("unlock")]
    Unlock,

    /// <summary>Enter the wait queue.</summary>
    [JsonStringEnumMemberName("enqueue")]
    Enqueue,

    /// <summary>Leave the wait queue.</summary>
    [JsonStringEnumMemberName("dequeue")]
    Dequeue,

    /// <summary>Give up the CPU, unless woken since.</summary>
    [JsonStringEnumMemberName("sleep")]
    Sleep,

    /// <summary>The task sleeps and cannot be stepped until woken.</summary>
    [JsonStringEnumMemberName("asleep")]
    Asleep,

    /// <summary>Come back from a sleep.</summary>
    [JsonStringEnumMemberName("resume")]
    Resume,

    /// <summary>Wake the queue.</summary>
    [JsonStringEnumMemberName("wake")]
    Wake,

    /// <summary>Take a hash chain's lock.</summary>
    [JsonStringEnumMemberName("bucket_lock")]
    BucketLock,

    /// <summary>Release a hash chain's lock.</summary>
    [JsonStringEnumMemberName("bucket_unlock")]
    BucketUnlock,

    /// <summary>Take the record pool's lock.</summary>
    [JsonStringEnumMemberName("pool_lock")]
    PoolLock,

    /// <summary>Release the record pool's lock.</summary>
    [JsonStringEnumMemberName("pool_unlock")]
    PoolUnlock,

    /// <summary>A lock was tried in vain.</summary>
    [JsonStringEnumMemberName("spin")]
    Spin,

    /// <summary>The operation ended.</summary>
    [JsonStringEnumMemberName("done")]
    Done,
}

/// <summary>What a poke overwrites.</summary>
public enum PokeTarget
{
    /// <summary>A slot's counter.</summary>
    [JsonStringEnumMemberName("pkmap_count")]
    PkmapCount,

    /// <summary>A slot's entry.</summary>
    [JsonStringEnumMemberName("page_table")]
    PageTable,

    /// <summary>The hand.</summary>
    [JsonStringEnumMemberName("last_pkmap_nr")]
    LastPkmapNr,
}

/// <summary>The action a fine step performed and the one it stopped before.</summary>
public readonly record struct FineMove(YieldLabel Did, YieldLabel Next);

/// <summary>A cell overwritten from outside; for an entry the value is a page or -1.</summary>
public readonly record struct Poke(PokeTarget What, int Index, int Value);

/// <summary>One step of a trace with a table: who did what, and what must have come of it.</summary>
public sealed record TraceStep
{
    /// <summary>The step's number, counted from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Who acts; null only for a poke.</summary>
    public int? Task { get; init; }

    /// <summary>From where to where, in the fine kinds only.</summary>
    public FineMove? Move { get; init; }

    /// <summary>What is asked for.</summary>
    public required TraceOp Op { get; init; }

    /// <summary>On which page; null only for a poke.</summary>
    public int? Page { get; init; }

    /// <summary>What a poke overwrites.</summary>
    public Poke? Poke { get; init; }

    /// <summary>The address a set_page_address enters.</summary>
    public uint? Value { get; init; }

    /// <summary>The address the operation returned, if it ended in this step and returns one.</summary>
    public uint? Vaddr { get; init; }

    /// <summary>Whether the task went to sleep in this step.</summary>
    public required bool Blocked { get; init; }

    /// <summary>Tasks made runnable in this step, in the order they were woken.</summary>
    public required ValueArray<int> Woken { get; init; }

    /// <summary>Which check failed.</summary>
    public BugCode? Bug { get; init; }

    /// <summary>Whether the call came from interrupt context.</summary>
    public bool Irq { get; init; }

    /// <summary>Whether the task spins for ever on a lock that a dead task holds.</summary>
    public bool Spinning { get; init; }

    /// <summary>Whether the operation searches for ever with the lock held.</summary>
    public bool Livelock { get; init; }

    /// <summary>The state the step must leave.</summary>
    public required TraceState State { get; init; }
}
