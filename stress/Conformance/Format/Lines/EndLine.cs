using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Kmaplab.Stress.Conformance.Format.Json;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>The last line, in the order of the file.</summary>
internal sealed record EndLine
{
    [JsonRequired] public string End { get; set; } = "";
    [JsonRequired] public long Steps { get; set; }
    [DisallowNull] public long? LockHolder { get; set; }
    [JsonConverter(typeof(WaitersConverter))] public WaiterLine[]? Waiting { get; set; }
    [JsonConverter(typeof(HeldSlotsConverter))] public HeldSlotLine[]? Slots { get; set; }
    public WaitEdges[]? WaitFor { get; set; }

    public static EndLine Of(TraceEnd end) =>
        new()
        {
            End = Words<EndReason>.Of(end.Reason),
            Steps = end.Steps,
            LockHolder = end.LockHolder,
            Waiting = end.Waiting is { } waiting
                ? [.. waiting.Select(one => new WaiterLine { Task = one.Task, Page = one.Page })]
                : null,
            Slots = end.Graph is { Slots: var slots } ? [.. slots.Select(HeldSlotLine.Of)] : null,
            WaitFor = end.Graph is { WaitFor: var edges } ? [.. edges] : null,
        };

    /// <summary>The end, once its parts are known to fit.</summary>
    public TraceEnd ToEnd(EndReason reason) => new()
    {
        Reason = reason,
        Steps = (int)Steps,
        LockHolder = (int?)LockHolder,
        Waiting = Waiting is null ? null : [.. Waiting.Select(one => new Waiter((int)one.Task, (int)one.Page))],
        Graph = Slots is null ? null : new([.. Slots.Select(one => one.ToSlot())], new(WaitFor!)),
    };
}

/// <summary>A sleeping task and the page it wants.</summary>
internal sealed record WaiterLine
{
    [JsonRequired] public long Task { get; set; }
    [JsonRequired] public long Page { get; set; }
}

/// <summary>A slot in use and those who use it.</summary>
internal sealed record HeldSlotLine
{
    [JsonRequired] public long Slot { get; set; }
    [JsonRequired] public long Page { get; set; }
    [JsonRequired] public long Count { get; set; }
    [JsonRequired] public int[] Holders { get; set; } = [];

    public HeldSlot ToSlot() => new((int)Slot, (int)Page, (int)Count, new(Holders));

    public static HeldSlotLine Of(HeldSlot held) =>
        new()
        {
            Slot = held.Slot,
            Page = held.Page,
            Count = held.Count,
            Holders = [.. held.Holders],
        };
}

/// <summary>A list of records.</summary>
internal abstract class RecordsConverter<T>(JsonTypeInfo<T> type) : ListConverter<T>
    where T : class
{
    protected sealed override T ReadItem(ref Utf8JsonReader json)
    {
        Scalars.Require(JsonTokenType.StartObject, "an object", json);
        try
        {
            return JsonSerializer.Deserialize(ref json, type)!;
        }
        catch (JsonException refused) when (refused.Path is not null)
        {
            // A path of its own says nothing about the list.
            throw new JsonException(JsonProblem.Of(refused));
        }
    }

    protected sealed override void WriteItem(Utf8JsonWriter json, T item) => JsonSerializer.Serialize(json, item, type);
}

/// <summary>[{"task":...,"page":...}, ...].</summary>
internal sealed class WaitersConverter() : RecordsConverter<WaiterLine>(TraceJson.Default.WaiterLine);

/// <summary>[{"slot":...,"page":...,"count":...,"holders":...}, ...].</summary>
internal sealed class HeldSlotsConverter() : RecordsConverter<HeldSlotLine>(TraceJson.Default.HeldSlotLine);
