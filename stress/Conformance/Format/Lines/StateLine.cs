using System.Text.Json.Serialization;
using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>A state in the order of the file: whole, or as the cells that differ from the one before.</summary>
internal sealed record StateLine
{
    public int[]? PkmapCount { get; set; }
    public SlotCell[]? PkmapCountSet { get; set; }
    [JsonRequired] public long LastPkmapNr { get; set; }
    public int[]? PageTable { get; set; }
    public SlotCell[]? PageTableSet { get; set; }
    public PageAddress[]? PageAddress { get; set; }
    public AddressCell[]? PageAddressSet { get; set; }
    [JsonRequired] public int[] WaitQueue { get; set; } = [];
    [JsonRequired] public long Flushes { get; set; }
    [JsonRequired] public long TlbFlushes { get; set; }
    [JsonRequired] public long WakeCalls { get; set; }
    [JsonRequired] public TaskCondition[] Tasks { get; set; } = [];
    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)] public long? Lock { get; set; }
    public Bucket[]? Buckets { get; set; }
    public int[]? Pool { get; set; }

    /// <summary>A state as the file has it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="before">The state before, if only what has changed is written.</param>
    public static StateLine Of(TraceState state, TraceState? before) => new()
    {
        PkmapCount = before is null ? [.. state.PkmapCount] : null,
        PkmapCountSet = before is null ? null : Changes(state.PkmapCount, before.PkmapCount),
        LastPkmapNr = state.LastPkmapNr,
        PageTable = before is null ? [.. state.PageTable] : null,
        PageTableSet = before is null ? null : Changes(state.PageTable, before.PageTable),
        PageAddress = before is null ? Pages.WithAddress(state.PageAddress) : null,
        PageAddressSet = before is null ? null : Changes(state.PageAddress, before.PageAddress),
        WaitQueue = [.. state.WaitQueue],
        Flushes = state.Flushes,
        TlbFlushes = state.TlbFlushes,
        WakeCalls = state.WakeCalls,
        Tasks = [.. state.Tasks],
        Lock = state.Lock,
        Buckets = state.Hash is { } hash ? Chains(hash.Entries) : null,
        Pool = state.Hash is { Pool: var pool } ? [.. pool] : null,
    };

    private static SlotCell[] Changes(ValueArray<int> cells, ValueArray<int> before) =>
        [.. Changed(cells, before).Select(slot => new SlotCell(slot, cells[slot]))];

    private static AddressCell[] Changes(ValueArray<uint> cells, ValueArray<uint> before) =>
        [.. Changed(cells, before).Select(page => new AddressCell(page, cells[page] == 0 ? null : cells[page]))];

    private static IEnumerable<int> Changed<T>(ValueArray<T> cells, ValueArray<T> before) =>
        Enumerable.Range(0, cells.Count).Where(i => !EqualityComparer<T>.Default.Equals(cells[i], before[i]));

    private static Bucket[] Chains(ValueArray<HashEntry> entries) =>
    [
        .. entries.GroupBy(entry => entry.Bucket).Select(chain => new Bucket(
            chain.Key, [.. chain.Select(entry => new HashRow(entry.Page, entry.Address, entry.Record))])),
    ];
}
