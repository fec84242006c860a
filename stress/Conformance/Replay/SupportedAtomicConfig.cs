using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// Says which configurations the port's atomic mappings can be booted with, and makes the port's own terms of them.
/// </summary>
internal static class SupportedAtomicConfig
{
    // 64 GiB, all that PAE can reach.
    private const uint FramesMax = 1 << 24;

    public static void Require(TraceConfig config, AtomicConfig atomic)
    {
        SupportedConfig.Require(config);
        SupportedConfig.RequireFrom1("n_cpus", atomic.CpuCount, Transition.MaxContexts);
        SupportedConfig.RequireEqual("page_offset", atomic.PageOffset, MemoryMap.PageOffset);
        RequireTypes(atomic);
        RequireFixmap(atomic);
        RequirePages(config, atomic);
    }

    public static Fixmap FixmapOf(AtomicConfig atomic) =>
        new(new VirtualAddress(atomic.FixaddrTop), atomic.FixKmapBegin, atomic.CpuCount, atomic.Debug);

    /// <summary>Memory up to the highest frame with a page; a page's number is its frame's.</summary>
    public static MemoryMap PagesOf(TraceConfig config, AtomicConfig atomic) =>
        MemoryMap.Create((int)atomic.PagePfn.Max() + 1, (int)FirstHighFrame(config, atomic));

    private static void RequireTypes(AtomicConfig atomic)
    {
        SupportedConfig.RequireEqual("n_types", atomic.TypeCount, KmTypes.Count(atomic.Debug));
        foreach (TypeNumber type in atomic.Types)
        {
            if (!KmTypes.TryParse(type.Name, out KmType known) || KmTypes.NumberOf(known, atomic.Debug) != type.Number)
                throw new ReplayException($"'types': the port has no '{type.Name}' with number {type.Number}");
        }
    }

    private static void RequireFixmap(AtomicConfig atomic)
    {
        long bytes = ((long)atomic.FixKmapBegin + (atomic.TypeCount * atomic.CpuCount)) << PkmapLayout.PageShift;
        if (
            atomic.FixKmapBegin < 1
            || bytes >= atomic.FixaddrTop
            || atomic.FixaddrTop % (1 << PkmapLayout.PageShift) != 0)
            throw new ReplayException(
                $"'fixaddr_top': the port cannot lay out atomic mappings from index {atomic.FixKmapBegin} below "
                + $"{atomic.FixaddrTop}");

        SupportedConfig.RequireEqual("fixaddr_start", atomic.FixaddrStart, FixmapOf(atomic).Start.Value);
    }

    private static void RequirePages(TraceConfig config, AtomicConfig atomic)
    {
        uint firstHigh = FirstHighFrame(config, atomic);
        for (int page = 0; page < config.PageCount; page++)
        {
            uint frame = atomic.PagePfn[page];
            uint address = config.LowPages[page];
            uint expected = frame < firstHigh ? atomic.PageOffset + (frame << PkmapLayout.PageShift) : 0;
            if (frame >= FramesMax || address != expected)
                throw new ReplayException(
                    $"'low_pages': the port has frame {frame} (page {page}) at {expected}, not at {address}; high "
                    + $"memory starts at frame {firstHigh}");
        }
    }

    private static uint FirstHighFrame(TraceConfig config, AtomicConfig atomic) => Enumerable.Range(0, config.PageCount)
        .Where(page => config.LowPages[page] == 0)
        .Select(page => atomic.PagePfn[page])
        .DefaultIfEmpty(FramesMax)
        .Min();
}
