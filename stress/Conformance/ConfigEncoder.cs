using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Writes a configuration.</summary>
internal static class ConfigEncoder
{
    public static void Encode(Utf8JsonWriter json, TraceConfig config)
    {
        json.WriteStartObject();
        json.WriteString("trace", config.Trace);
        json.WriteString("kind", TraceWords.Kinds[config.Kind]);
        json.WriteString("profile", config.Profile);
        json.WriteString("version", config.Version);
        if (config.Atomic is AtomicConfig atomic)
            EncodeAtomic(json, config, atomic);
        else
            EncodeTable(json, config, config.Table!);

        json.WriteEndObject();
    }

    private static void EncodeAtomic(Utf8JsonWriter json, TraceConfig config, AtomicConfig atomic)
    {
        json.WriteBoolean("debug", atomic.Debug);
        json.WriteNumber("n_cpus", atomic.CpuCount);
        json.WriteNumber("n_pages", config.PageCount);
        json.WriteNumber("page_shift", config.PageShift);
        json.WriteNumbers("page_pfn", atomic.PagePfn);
        json.WriteAddresses("low_pages", config.LowPages);
        json.WriteStartObject("types");
        foreach (TypeNumber type in atomic.Types)
            json.WriteNumber(type.Name, type.Number);

        json.WriteEndObject();
        json.WriteNumber("n_types", atomic.TypeCount);
        json.WriteNumber("fix_kmap_begin", atomic.FixKmapBegin);
        json.WriteNumber("fixaddr_top", atomic.FixaddrTop);
        json.WriteNumber("fixaddr_start", atomic.FixaddrStart);
        json.WriteNumber("page_offset", atomic.PageOffset);
        json.WriteNumber("pkmap_base", config.PkmapBase);
        json.WriteNumber("last_pkmap", config.LastPkmap);
    }

    private static void EncodeTable(Utf8JsonWriter json, TraceConfig config, TableConfig table)
    {
        json.WriteNumber("last_pkmap", config.LastPkmap);
        json.WriteNumber("n_pages", config.PageCount);
        json.WriteNumber("n_tasks", table.TaskCount);
        json.WriteNumber("pkmap_base", config.PkmapBase);
        json.WriteNumber("page_shift", config.PageShift);
        json.WriteBoolean("smp", table.Smp);
        json.WriteString("state_encoding", TraceWords.Encodings[table.Encoding]);
        json.WriteAddresses("low_pages", config.LowPages);
        if (table.Hash is HashConfig hash)
            EncodeHash(json, hash);

        if (table.Fine is FineConfig fine)
            EncodeFine(json, fine);
    }

    private static void EncodeHash(Utf8JsonWriter json, HashConfig hash)
    {
        json.WriteBoolean("hash_shown", true);
        json.WriteNumbers("page_ptr", hash.PagePtr);
        json.WriteNumber("hash_bits", hash.Bits);
        json.WriteNumbers("page_bucket", hash.PageBucket);
    }

    private static void EncodeFine(Utf8JsonWriter json, FineConfig fine)
    {
        json.WriteStartArray("programs");
        foreach (ValueArray<ProgramOp> program in fine.Programs)
        {
            json.WriteStartArray();
            foreach (ProgramOp op in program)
            {
                json.WriteStartArray();
                json.WriteStringValue(TraceWords.Ops[op.Op]);
                json.WriteNumberValue(op.Page);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteNumbers("schedule", fine.Schedule);
    }
}
