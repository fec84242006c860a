using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>The calls of an atomic trace.</summary>
public enum AtomicOp
{
    /// <summary>Map a page.</summary>
    [JsonStringEnumMemberName("kmap_atomic")]
    KmapAtomic,

    /// <summary>Map a frame by its number.</summary>
    [JsonStringEnumMemberName("kmap_atomic_pfn")]
    KmapAtomicPfn,

    /// <summary>Unmap an address.</summary>
    [JsonStringEnumMemberName("kunmap_atomic")]
    KunmapAtomic,

    /// <summary>Look an address up.</summary>
    [JsonStringEnumMemberName("kmap_atomic_to_page")]
    KmapAtomicToPage,
}

/// <summary>The part of a configuration that only atomic traces have.</summary>
public sealed record AtomicConfig
{
    /// <summary>Whether the build checks its entries.</summary>
    public required bool Debug { get; init; }

    /// <summary>CPUs, numbered from 0.</summary>
    public required int CpuCount { get; init; }

    /// <summary>By page, its frame number.</summary>
    public required ValueArray<uint> PagePfn { get; init; }

    /// <summary>The types in the order of the file, with the numbers this build gives them.</summary>
    public required ValueArray<TypeNumber> Types { get; init; }

    /// <summary>Entries of each CPU.</summary>
    public required int TypeCount { get; init; }

    /// <summary>The fixmap index of entry 0.</summary>
    public required int FixKmapBegin { get; init; }

    /// <summary>The address of fixmap index 0.</summary>
    public required uint FixaddrTop { get; init; }

    /// <summary>The lowest fixmap address.</summary>
    public required uint FixaddrStart { get; init; }

    /// <summary>The address of frame 0.</summary>
    public required uint PageOffset { get; init; }
}

/// <summary>A type's name and number.</summary>
public readonly record struct TypeNumber(string Name, int Number);

/// <summary>The state after a step of an atomic trace.</summary>
public sealed record AtomicState
{
    /// <summary>The entries in use, by index upwards.</summary>
    public required ValueArray<AtomicEntry> Entries { get; init; }

    /// <summary>By CPU.</summary>
    public required ValueArray<int> PreemptCount { get; init; }

    /// <summary>Single-address flushes so far.</summary>
    public required int TlbOneFlushes { get; init; }

    /// <summary>The address of the last of them, 0 before the first.</summary>
    public required uint LastTlbOne { get; init; }

    /// <summary>Checks for a needed reschedule so far.</summary>
    public required int ReschedChecks { get; init; }
}

/// <summary>A fixmap entry in use and the frame in it.</summary>
public readonly record struct AtomicEntry(int Index, uint Frame);

/// <summary>One call of an atomic trace.</summary>
public sealed record AtomicStep
{
    /// <summary>The step's number, counted from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Where it runs.</summary>
    public required int Cpu { get; init; }

    /// <summary>What is called.</summary>
    public required AtomicOp Op { get; init; }

    /// <summary>The page of a kmap_atomic.</summary>
    public int? Page { get; init; }

    /// <summary>The frame number of a kmap_atomic_pfn.</summary>
    public uint? Pfn { get; init; }

    /// <summary>The address of the two calls that take one.</summary>
    public uint? Addr { get; init; }

    /// <summary>The type's name; null only for kmap_atomic_to_page.</summary>
    public string? Type { get; init; }

    /// <summary>The address or frame number returned; null for an unmap and after a bug.</summary>
    public uint? Result { get; init; }

    /// <summary>Which check failed.</summary>
    public BugCode? Bug { get; init; }

    /// <summary>The state the call must leave.</summary>
    public required AtomicState State { get; init; }
}
