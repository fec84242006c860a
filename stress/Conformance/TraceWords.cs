namespace Kmaplab.Stress.Conformance;

/// <summary>Every closed list of words the trace format knows.</summary>
public static class TraceWords
{
    /// <summary>Words of <see cref="TraceKind"/>.</summary>
    public static Words<TraceKind> Kinds { get; } = new("coarse", "fine", "hash", "hash-fine", "atomic");

    /// <summary>Words of <see cref="StateEncoding"/>.</summary>
    public static Words<StateEncoding> Encodings { get; } = new("full", "delta");

    /// <summary>Words of <see cref="TraceOp"/>.</summary>
    public static Words<TraceOp> Ops { get; } = new(
        "kmap", "resume", "kunmap", "page_address", "set_page_address", "clear_page_address", "poke");

    /// <summary>Words of <see cref="AtomicOp"/>.</summary>
    public static Words<AtomicOp> AtomicOps { get; } = new(
        "kmap_atomic", "kmap_atomic_pfn", "kunmap_atomic", "kmap_atomic_to_page");

    /// <summary>Words of <see cref="PokeTarget"/>.</summary>
    public static Words<PokeTarget> PokeTargets { get; } = new("pkmap_count", "page_table", "last_pkmap_nr");

    /// <summary>Words of <see cref="YieldLabel"/>.</summary>
    public static Words<YieldLabel> Labels { get; } = new(
        "begin", "lock", "unlock", "enqueue", "dequeue", "sleep", "asleep", "resume", "wake",
        "bucket_lock", "bucket_unlock", "pool_lock", "pool_unlock", "spin", "done");

    /// <summary>Words of <see cref="TaskCondition"/>.</summary>
    public static Words<TaskCondition> Conditions { get; } = new("idle", "ready", "prep", "asleep", "dead");

    /// <summary>Words of <see cref="EndReason"/>.</summary>
    public static Words<EndReason> Ends { get; } = new("ok", "bug", "stuck", "livelock", "deadlock");

    /// <summary>Words of <see cref="BugCode"/>.</summary>
    public static Words<BugCode> Bugs { get; } = new(
        "kunmap:not_mapped",
        "kunmap:count_zero",
        "kunmap:in_interrupt",
        "kmap:count_below_2",
        "flush:empty_pte",
        "set_page_address:not_highmem",
        "set_page_address:pool_empty",
        "kmap_atomic:slot_busy",
        "kunmap_atomic:wrong_slot",
        "kmap_atomic_to_page:out_of_range");
}
