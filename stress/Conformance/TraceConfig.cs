using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>What a trace records, and so which step lines it has.</summary>
public enum TraceKind
{
    /// <summary>Whole operations.</summary>
    [JsonStringEnumMemberName("coarse")]
    Coarse,

    /// <summary>Moves between two yield points.</summary>
    [JsonStringEnumMemberName("fine")]
    Fine,

    /// <summary>Whole operations on the page-to-address table.</summary>
    [JsonStringEnumMemberName("hash")]
    Hash,

    /// <summary>Moves between two yield points, those of the page-to-address table included.</summary>
    [JsonStringEnumMemberName("hash-fine")]
    HashFine,

    /// <summary>Short mappings by CPU and type.</summary>
    [JsonStringEnumMemberName("atomic")]
    Atomic,
}

/// <summary>How the file writes the state after a step.</summary>
public enum StateEncoding
{
    /// <summary>All of it, each time.</summary>
    [JsonStringEnumMemberName("full")]
    Full,

    /// <summary>The cells that changed, and all of it at every 250th step.</summary>
    [JsonStringEnumMemberName("delta")]
    Delta,
}

/// <summary>The first line of a trace: sizes, addresses and, by kind, what is driven.</summary>
public sealed record TraceConfig
{
    /// <summary>The trace's own name.</summary>
    public required string Trace { get; init; }

    /// <summary>Which of the five forms the steps have.</summary>
    public required TraceKind Kind { get; init; }

    /// <summary>What the trace was made to stress.</summary>
    public required string Profile { get; init; }

    /// <summary>The system whose behaviour was recorded, in words.</summary>
    public required string Version { get; init; }

    /// <summary>Slots of the table.</summary>
    public required int LastPkmap { get; init; }

    /// <summary>Pages, numbered from 0.</summary>
    public required int PageCount { get; init; }

    /// <summary>The address of slot 0.</summary>
    public required uint PkmapBase { get; init; }

    /// <summary>Binary logarithm of the page size.</summary>
    public required int PageShift { get; init; }

    /// <summary>By page, its fixed address, or 0 for a high page.</summary>
    public required ValueArray<uint> LowPages { get; init; }

    /// <summary>What only the four kinds with a table have, null in an atomic trace.</summary>
    public TableConfig? Table { get; init; }

    /// <summary>What only an atomic trace has.</summary>
    public AtomicConfig? Atomic { get; init; }

    /// <summary>Whether a step is one move and the trace has programs and a schedule.</summary>
    public bool IsFine => Kind is TraceKind.Fine or TraceKind.HashFine;
}

/// <summary>The part of a configuration that the four kinds with a table share.</summary>
public sealed record TableConfig
{
    /// <summary>Tasks, numbered from 0.</summary>
    public required int TaskCount { get; init; }

    /// <summary>Whether the table lock excludes; a one-CPU build's does nothing.</summary>
    public required bool Smp { get; init; }

    /// <summary>How the file writes states; a reader hands out full ones either way.</summary>
    public required StateEncoding Encoding { get; init; }

    /// <summary>How pages hash, null when states do not show the page-to-address table.</summary>
    public HashConfig? Hash { get; init; }

    /// <summary>What the tasks do and who moves when, in the fine kinds.</summary>
    public FineConfig? Fine { get; init; }
}

/// <summary>How pages hash into the page-to-address table.</summary>
/// <param name="Bits">Binary logarithm of the number of buckets.</param>
/// <param name="PagePtr">By page, the number it hashes by.</param>
/// <param name="PageBucket">By page, the bucket it falls into.</param>
public sealed record HashConfig(int Bits, ValueArray<uint> PagePtr, ValueArray<int> PageBucket);

/// <summary>What drives a fine trace.</summary>
/// <param name="Programs">By task, its operations in order.</param>
/// <param name="Schedule">The task of each step.</param>
public sealed record FineConfig(ValueArray<ValueArray<ProgramOp>> Programs, ValueArray<int> Schedule);

/// <summary>One operation of a task's program.</summary>
public readonly record struct ProgramOp(TraceOp Op, int Page);
