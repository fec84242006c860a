using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Writes the fields of the last line.</summary>
internal static class EndEncoder
{
    public static void Encode(Utf8JsonWriter json, TraceEnd end)
    {
        json.WriteString("end", TraceWords.Ends[end.Reason]);
        json.WriteNumber("steps", end.Steps);
        if (end.LockHolder is int holder)
            json.WriteNumber("lock_holder", holder);

        if (end.Waiting is ValueArray<Waiter> waiting)
            WriteWaiting(json, waiting);

        if (end.Graph is DeadlockGraph graph)
            WriteGraph(json, graph);
    }

    private static void WriteWaiting(Utf8JsonWriter json, ValueArray<Waiter> waiting)
    {
        json.WriteStartArray("waiting");
        foreach (Waiter waiter in waiting)
        {
            json.WriteStartObject();
            json.WriteNumber("task", waiter.Task);
            json.WriteNumber("page", waiter.Page);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteGraph(Utf8JsonWriter json, DeadlockGraph graph)
    {
        json.WriteStartArray("slots");
        foreach (HeldSlot slot in graph.Slots)
        {
            json.WriteStartObject();
            json.WriteNumber("slot", slot.Slot);
            json.WriteNumber("page", slot.Page);
            json.WriteNumber("count", slot.Count);
            json.WriteNumbers("holders", slot.Holders);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("wait_for");
        foreach (WaitEdges edges in graph.WaitFor)
            json.WriteNumbers(JsonFields.Key(edges.Task), edges.For);

        json.WriteEndObject();
    }
}
