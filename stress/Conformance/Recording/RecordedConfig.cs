using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Allocator.Settings;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>Makes the first line of a trace that is about to be recorded.</summary>
internal static class RecordedConfig
{
    public static TraceConfig Table(RecordOptions options, FineConfig? fine)
    {
        MemoryMap pages = MemoryMap.Create(options.Pages);
        return Common(options, LowPages(options, firstFrame: 0)) with
        {
            Table = new TableConfig
            {
                TaskCount = options.Tasks,
                Smp = true,
                Encoding = options.Slots > 16 ? StateEncoding.Delta : StateEncoding.Full,
                Hash = new HashConfig(
                    MemoryMap.HashBits,
                    [.. Pages(options).Select(page => pages.PointerOf(new Page(page)))],
                    [.. Pages(options).Select(page => pages.Hash(new Page(page)))]),
                Fine = fine,
            },
        };
    }

    public static TraceConfig Atomic(RecordOptions options)
    {
        Fixmap fixmap = Fixmap.Create(options.Cpus, options.DebugHighmem);
        int lowFrame = MemoryMap.LowFramesMax - 1;
        return Common(options, LowPages(options, lowFrame - options.Pages + 1)) with
        {
            LastPkmap = PkmapLayout.Default.Slots,
            Atomic = new AtomicConfig
            {
                Debug = options.DebugHighmem,
                CpuCount = options.Cpus,
                PagePfn =
                [
                    .. Pages(options)
                        .Select(page => (uint)(page == options.Pages - 1 ? lowFrame : MemoryMap.LowFramesMax + page)),
                ],
                Types =
                [
                    .. KmTypes.All.Select(type => new TypeNumber(
                        KmTypes.NameOf(type),
                        KmTypes.NumberOf(type, options.DebugHighmem))),
                ],
                TypeCount = fixmap.Types,
                FixKmapBegin = fixmap.KmapBegin,
                FixaddrTop = fixmap.Top.Value,
                FixaddrStart = fixmap.Start.Value,
                PageOffset = MemoryMap.PageOffset,
            },
        };
    }

    private static TraceConfig Common(RecordOptions options, ValueArray<uint> lowPages) => new()
    {
        Trace = $"{Words<TraceKind>.Of(options.Kind)}-{options.Seed}",
        Kind = options.Kind,
        Profile = "random",
        Version = $"kmaplab's port of Linux {KernelRelease.Latest}, i386",
        LastPkmap = options.Slots,
        PageCount = options.Pages,
        PkmapBase = PkmapLayout.DefaultBase.Value,
        PageShift = PkmapLayout.PageShift,
        LowPages = lowPages,
    };

    // The last page is low memory, at the address that its frame has.
    private static ValueArray<uint> LowPages(RecordOptions options, int firstFrame) =>
        [
            .. Pages(options)
                .Select(page =>
                    page == options.Pages - 1 && page > 0
                        ? MemoryMap.PageOffset + ((uint)(firstFrame + page) << PkmapLayout.PageShift)
                        : 0),
        ];

    private static IEnumerable<int> Pages(RecordOptions options) => Enumerable.Range(0, options.Pages);
}
