using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Writes a state, whole or as the cells that differ from the one before.</summary>
internal static class StateEncoder
{
    public static void Encode(Utf8JsonWriter json, TraceState state, TraceState? before)
    {
        json.WriteStartObject("state");
        if (before is null)
            json.WriteNumbers("pkmap_count", state.PkmapCount);
        else
            WriteChanges(json, "pkmap_count_set", state.PkmapCount, before.PkmapCount);

        json.WriteNumber("last_pkmap_nr", state.LastPkmapNr);
        if (before is null)
            WritePages(json, state);
        else
            WritePageChanges(json, state, before);

        WriteRest(json, state);
        if (state.Hash is HashState hash)
            WriteHash(json, hash);

        json.WriteEndObject();
    }

    private static void WritePages(Utf8JsonWriter json, TraceState state)
    {
        json.WriteNumbers("page_table", state.PageTable);
        json.WriteAddresses("page_address", state.PageAddress);
    }

    private static void WritePageChanges(Utf8JsonWriter json, TraceState state, TraceState before)
    {
        WriteChanges(json, "page_table_set", state.PageTable, before.PageTable);
        json.WriteStartArray("page_address_set");
        for (int page = 0; page < state.PageAddress.Count; page++)
        {
            uint address = state.PageAddress[page];
            if (address != before.PageAddress[page])
                WritePair(json, page, address == 0 ? null : address);
        }

        json.WriteEndArray();
    }

    private static void WriteChanges(Utf8JsonWriter json, string name, ValueArray<int> cells, ValueArray<int> before)
    {
        json.WriteStartArray(name);
        for (int slot = 0; slot < cells.Count; slot++)
        {
            if (cells[slot] != before[slot])
                WritePair(json, slot, cells[slot]);
        }

        json.WriteEndArray();
    }

    private static void WritePair(Utf8JsonWriter json, int number, long? value)
    {
        json.WriteStartArray();
        json.WriteNumberValue(number);
        if (value is long some)
            json.WriteNumberValue(some);
        else
            json.WriteNullValue();

        json.WriteEndArray();
    }

    private static void WriteRest(Utf8JsonWriter json, TraceState state)
    {
        json.WriteNumbers("wait_queue", state.WaitQueue);
        json.WriteNumber("flushes", state.Flushes);
        json.WriteNumber("tlb_flushes", state.TlbFlushes);
        json.WriteNumber("wake_calls", state.WakeCalls);
        json.WriteStartArray("tasks");
        foreach (TaskCondition task in state.Tasks)
            json.WriteStringValue(TraceWords.Conditions.Utf8(task));

        json.WriteEndArray();
        json.WriteOptional("lock", state.Lock);
    }

    private static void WriteHash(Utf8JsonWriter json, HashState hash)
    {
        int bucket = -1;
        json.WriteStartObject("buckets");
        foreach (HashEntry entry in hash.Entries)
        {
            if (entry.Bucket != bucket)
            {
                if (bucket >= 0)
                    json.WriteEndArray();

                bucket = entry.Bucket;
                json.WriteStartArray(JsonFields.Key(bucket));
            }

            WriteEntry(json, entry);
        }

        if (bucket >= 0)
            json.WriteEndArray();

        json.WriteEndObject();
        json.WriteNumbers("pool", hash.Pool);
    }

    private static void WriteEntry(Utf8JsonWriter json, HashEntry entry)
    {
        json.WriteStartArray();
        json.WriteNumberValue(entry.Page);
        json.WriteNumberValue(entry.Address);
        json.WriteNumberValue(entry.Record);
        json.WriteEndArray();
    }
}
