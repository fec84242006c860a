using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Checks that the parts of a configuration fit each other.</summary>
internal static class ConfigRules
{
    /// <summary>Keeps a mistyped size from being allocated.</summary>
    private const int LargestSize = 1 << 20;

    private const int Bits = 32;

    /// <summary>The configuration of a trace with a table.</summary>
    public static TraceConfig Resolve(TableConfigLine line)
    {
        CheckSizes(line.LastPkmap, line.NPages, line.PageShift, line.PkmapBase);
        Rule.InRange("n_tasks", line.NTasks, 0, LargestSize);
        CheckHash(line);
        CheckFine(line);
        return line.ToConfig();
    }

    /// <summary>The configuration of an atomic trace.</summary>
    public static TraceConfig Resolve(AtomicConfigLine line)
    {
        CheckSizes(line.LastPkmap, line.NPages, line.PageShift, line.PkmapBase);
        Rule.InRange("n_cpus", line.NCpus, 0, LargestSize);
        Rule.InRange("n_types", line.NTypes, 0, LargestSize);
        Rule.Natural("fix_kmap_begin", line.FixKmapBegin);
        Rule.Address("fixaddr_top", line.FixaddrTop);
        Rule.Address("fixaddr_start", line.FixaddrStart);
        Rule.Address("page_offset", line.PageOffset);
        Rule.Count("page_pfn", line.PagePfn.Length, line.NPages);
        var names = new HashSet<string>();
        foreach ((string name, int number) in line.Types)
        {
            Rule.Natural("types", number);
            if (!names.Add(name))
                throw Rule.Broken("types", $"'{name}' appears twice");
        }

        return line.ToConfig();
    }

    private static void CheckSizes(long slots, long pages, long shift, long start)
    {
        Rule.InRange("last_pkmap", slots, 0, LargestSize);
        Rule.InRange("n_pages", pages, 0, LargestSize);
        Rule.InRange("page_shift", shift, 0, Bits);
        Rule.Address("pkmap_base", start);
    }

    private static void CheckHash(TableConfigLine line)
    {
        bool isShown = line.HashShown;
        string what = $"a configuration {(isShown ? "with" : "without")}";
        Rule.Field("page_ptr", line.PagePtr is not null, isShown, what, "hash_shown");
        Rule.Field("hash_bits", line.HashBits is not null, isShown, what, "hash_shown");
        Rule.Field("page_bucket", line.PageBucket is not null, isShown, what, "hash_shown");
        if (!isShown)
            return;

        Rule.InRange("hash_bits", line.HashBits!.Value, 0, Bits - 1);
        Rule.Count("page_ptr", line.PagePtr!.Length, line.NPages);
        Rule.Count("page_bucket", line.PageBucket!.Length, line.NPages);
        Rule.AllInRange("page_bucket", line.PageBucket, 0, 1L << (int)line.HashBits.Value);
    }

    private static void CheckFine(TableConfigLine line)
    {
        bool isFine = Rule.Word<TraceKind>("kind", line.Kind) is TraceKind.Fine or TraceKind.HashFine;
        Rule.Field("programs", line.Programs is not null, isFine, "a configuration of kind", line.Kind);
        Rule.Field("schedule", line.Schedule is not null, isFine, "a configuration of kind", line.Kind);
        if (!isFine)
            return;

        Rule.Count("programs", line.Programs!.Length, line.NTasks);
        Rule.AllInRange("schedule", line.Schedule, 0, line.NTasks);
        foreach (ProgramOp op in line.Programs.SelectMany(program => program))
        {
            if (op.Op is not (TraceOp.Kmap or TraceOp.Kunmap or TraceOp.PageAddress))
                throw Rule.Broken("programs", $"'{Words<TraceOp>.Of(op.Op)}' does not occur in programs");

            Rule.InRange("programs", op.Page, 0, line.NPages);
        }
    }
}
