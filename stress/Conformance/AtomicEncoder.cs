using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Writes the fields of an atomic step, and its state.</summary>
internal static class AtomicEncoder
{
    public static void Encode(Utf8JsonWriter json, AtomicStep step)
    {
        json.WriteNumber("i", step.Number);
        json.WriteNumber("cpu", step.Cpu);
        json.WriteString("op", TraceWords.AtomicOps[step.Op]);
        if (step.Page is int page)
            json.WriteNumber("page", page);

        if (step.Pfn is uint pfn)
            json.WriteNumber("pfn", pfn);

        if (step.Addr is uint addr)
            json.WriteNumber("addr", addr);

        if (step.Type is string type)
            json.WriteString("type", type);

        json.WriteOptional("result", step.Result);
        json.WriteBug(step.Bug);
        Encode(json, step.State);
    }

    public static void Encode(Utf8JsonWriter json, AtomicState state)
    {
        json.WriteStartObject("state");
        json.WriteStartObject("entries");
        foreach (AtomicEntry entry in state.Entries)
            json.WriteNumber(JsonFields.Key(entry.Index), entry.Frame);

        json.WriteEndObject();
        json.WriteNumbers("preempt_count", state.PreemptCount);
        json.WriteNumber("tlb_one_flushes", state.TlbOneFlushes);
        json.WriteNumber("last_tlb_one", state.LastTlbOne);
        json.WriteNumber("resched_checks", state.ReschedChecks);
        json.WriteEndObject();
    }
}
