using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>A call of an atomic trace, in the order of the file.</summary>
internal sealed record AtomicStepLine
{
    [JsonRequired, JsonPropertyName("i")] public long Number { get; set; }
    [JsonRequired] public long Cpu { get; set; }
    [JsonRequired] public string Op { get; set; } = "";
    [DisallowNull] public long? Page { get; set; }
    [DisallowNull] public long? Pfn { get; set; }
    [DisallowNull] public long? Addr { get; set; }
    public string? Type { get; set; }
    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)] public long? Result { get; set; }
    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(TextOrNullConverter))]
    public string? Bug { get; set; }
    [JsonRequired] public AtomicStateLine State { get; set; } = null!;

    public static AtomicStepLine Of(AtomicStep step) => new()
    {
        Number = step.Number,
        Cpu = step.Cpu,
        Op = Words<AtomicOp>.Of(step.Op),
        Page = step.Page,
        Pfn = step.Pfn,
        Addr = step.Addr,
        Type = step.Type,
        Result = step.Result,
        Bug = step.Bug is { } bug ? Words<BugCode>.Of(bug) : null,
        State = AtomicStateLine.Of(step.State),
    };

    /// <summary>The step, once its parts are known to fit.</summary>
    public AtomicStep ToStep(AtomicOp op, AtomicState state) => new()
    {
        Number = (int)Number,
        Cpu = (int)Cpu,
        Op = op,
        Page = (int?)Page,
        Pfn = (uint?)Pfn,
        Addr = (uint?)Addr,
        Type = Type,
        Result = (uint?)Result,
        Bug = Bug is null ? null : Rule.Word<BugCode>("bug", Bug),
        State = state,
    };
}

/// <summary>A state of an atomic trace, in the order of the file.</summary>
internal sealed record AtomicStateLine
{
    [JsonRequired] public AtomicEntry[] Entries { get; set; } = [];
    [JsonRequired] public int[] PreemptCount { get; set; } = [];
    [JsonRequired] public long TlbOneFlushes { get; set; }
    [JsonRequired] public long LastTlbOne { get; set; }
    [JsonRequired] public long ReschedChecks { get; set; }

    public static AtomicStateLine Of(AtomicState state) => new()
    {
        Entries = [.. state.Entries],
        PreemptCount = [.. state.PreemptCount],
        TlbOneFlushes = state.TlbOneFlushes,
        LastTlbOne = state.LastTlbOne,
        ReschedChecks = state.ReschedChecks,
    };

    /// <summary>The state, once its parts are known to fit.</summary>
    public AtomicState ToState() => new()
    {
        Entries = new(Entries),
        PreemptCount = new(PreemptCount),
        TlbOneFlushes = (int)TlbOneFlushes,
        LastTlbOne = (uint)LastTlbOne,
        ReschedChecks = (int)ReschedChecks,
    };
}
