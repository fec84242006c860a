using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>A step of a trace with a table, in the order of the file.</summary>
internal sealed record StepLine
{
    [JsonRequired, JsonPropertyName("i")] public long Number { get; set; }
    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)] public long? Task { get; set; }
    public string? Did { get; set; }
    public string? Next { get; set; }
    [JsonRequired] public string Op { get; set; } = "";
    [DisallowNull] public long? Page { get; set; }
    public string? What { get; set; }

    [DisallowNull]
    public long? Index { get; set; }

    [DisallowNull]
    public long? Value { get; set; }

    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? Vaddr { get; set; }

    [JsonRequired]
    public bool Blocked { get; set; }

    [JsonRequired]
    public int[] Woken { get; set; } = [];

    [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never), JsonConverter(typeof(TextOrNullConverter))]
    public string? Bug { get; set; }

    [JsonConverter(typeof(MarkConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Irq { get; set; }

    [JsonConverter(typeof(MarkConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Spinning { get; set; }

    [JsonConverter(typeof(MarkConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Livelock { get; set; }

    [JsonRequired]
    public StateLine State { get; set; } = null!;

    /// <summary>A step as the file has it.</summary>
    public static StepLine Of(TraceStep step, StateLine state) => new()
    {
        Number = step.Number,
        Task = step.Task,
        Did = step.Move is { Did: var did } ? Words<YieldLabel>.Of(did) : null,
        Next = step.Move is { Next: var next } ? Words<YieldLabel>.Of(next) : null,
        Op = Words<TraceOp>.Of(step.Op),
        Page = step.Page,
        What = step.Poke is { What: var what } ? Words<PokeTarget>.Of(what) : null,
        Index = step.Poke?.Index,
        Value = (long?)step.Poke?.Value ?? step.Value,
        Vaddr = step.Vaddr,
        Blocked = step.Blocked,
        Woken = [.. step.Woken],
        Bug = step.Bug is { } bug ? Words<BugCode>.Of(bug) : null,
        Irq = step.Irq,
        Spinning = step.Spinning,
        Livelock = step.Livelock,
        State = state,
    };

    /// <summary>The step, once its parts are known to fit.</summary>
    public TraceStep ToStep(TraceOp op, TraceState state) => new()
    {
        Number = (int)Number,
        Task = (int?)Task,
        Move = Did is null ? null : new(Rule.Word<YieldLabel>("did", Did), Rule.Word<YieldLabel>("next", Next!)),
        Op = op,
        Page = (int?)Page,
        Poke = What is null ? null : new(Rule.Word<PokeTarget>("what", What), (int)Index!.Value, (int)Value!.Value),
        Value = op == TraceOp.SetPageAddress ? (uint)Value!.Value : null,
        Vaddr = (uint?)Vaddr,
        Blocked = Blocked,
        Woken = new(Woken),
        Bug = Bug is null ? null : Rule.Word<BugCode>("bug", Bug),
        Irq = Irq,
        Spinning = Spinning,
        Livelock = Livelock,
        State = state,
    };
}
