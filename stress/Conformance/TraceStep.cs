namespace Kmaplab.Stress.Conformance;

/// <summary>What a step asks for.</summary>
public enum TraceOp
{
    /// <summary>A task maps a page.</summary>
    Kmap,

    /// <summary>A woken task runs on inside its kmap.</summary>
    Resume,

    /// <summary>A task drops one use of a page.</summary>
    Kunmap,

    /// <summary>A look-up of a page's address.</summary>
    PageAddress,

    /// <summary>A direct entry into the page-to-address table.</summary>
    SetPageAddress,

    /// <summary>A direct removal from the page-to-address table.</summary>
    ClearPageAddress,

    /// <summary>One cell is overwritten from outside.</summary>
    Poke,
}

/// <summary>The actions a fine step moves between.</summary>
public enum YieldLabel
{
    /// <summary>An idle task enters its next operation.</summary>
    Begin,

    /// <summary>Take the table lock.</summary>
    Lock,

    /// <summary>Release the table lock.</summary>
    Unlock,

    /// <summary>Enter the wait queue.</summary>
    Enqueue,

    /// <summary>Leave the wait queue.</summary>
    Dequeue,

    /// <summary>Give up the CPU, unless woken since.</summary>
    Sleep,

    /// <summary>The task sleeps and cannot be stepped until woken.</summary>
    Asleep,

    /// <summary>Come back from a sleep.</summary>
    Resume,

    /// <summary>Wake the queue.</summary>
    Wake,

    /// <summary>Take a hash chain's lock.</summary>
    BucketLock,

    /// <summary>Release a hash chain's lock.</summary>
    BucketUnlock,

    /// <summary>Take the record pool's lock.</summary>
    PoolLock,

    /// <summary>Release the record pool's lock.</summary>
    PoolUnlock,

    /// <summary>A lock was tried in vain.</summary>
    Spin,

    /// <summary>The operation ended.</summary>
    Done,
}

/// <summary>What a poke overwrites.</summary>
public enum PokeTarget
{
    /// <summary>A slot's counter.</summary>
    PkmapCount,

    /// <summary>A slot's entry.</summary>
    PageTable,

    /// <summary>The hand.</summary>
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
