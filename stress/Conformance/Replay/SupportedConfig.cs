using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Says which configurations the port can be booted with, and what is wrong with any other.</summary>
internal static class SupportedConfig
{
    private const long AddressSpace = 1L << 32;

    public static void Require(TraceConfig config)
    {
        RequireEqual("page_shift", config.PageShift, PkmapLayout.PageShift);
        RequireFrom1("last_pkmap", config.LastPkmap, int.MaxValue);
        RequireFrom1("n_pages", config.PageCount, int.MaxValue);
        if (config.PkmapBase + ((long)config.LastPkmap << config.PageShift) > AddressSpace)
            throw new ReplayException(
                $"'last_pkmap': {config.LastPkmap} slots from {config.PkmapBase} do not fit into 32-bit addresses");

        if (config.Table is { } table)
            RequireTable(config, table);
    }

    public static void RequireFrom1(string field, int value, int limit)
    {
        if (value < 1 || value > limit)
            throw new ReplayException($"'{field}' is {value}; the port has 1 to {limit}");
    }

    public static void RequireEqual(string field, long value, long supported)
    {
        if (value != supported)
            throw new ReplayException($"'{field}' is {value}; the port has {supported} only");
    }

    private static void RequireTable(TraceConfig config, TableConfig table)
    {
        RequireFrom1("n_tasks", table.TaskCount, Transition.MaxContexts);
        if (table.Hash is not { } hash)
            return;

        RequireEqual("hash_bits", hash.Bits, MemoryMap.HashBits);
        for (int page = 0; page < config.PageCount; page++)
        {
            int bucket = MemoryMap.HashPointer(hash.PagePtr[page]);
            if (hash.PageBucket[page] != bucket)
                throw new ReplayException(
                    $"'page_bucket' is {hash.PageBucket[page]} for page {page}; the port's hash of "
                    + $"{hash.PagePtr[page]} is {bucket}");
        }
    }
}
