using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>
/// The page table, a TLB per CPU, and the page frames: what an address leads to, at this moment, on this CPU.
/// </summary>
/// <remarks>
/// A TLB keeps a translation from its first use until a flush. Empty entries are not kept, as on x86. A page's contents
/// are one word.
/// </remarks>
public sealed class MmuTable
{
    private readonly KernelWords _memory;
    private readonly MmuLayout _layout;

    internal MmuTable(KernelWords memory, MmuLayout layout)
    {
        _memory = memory;
        _layout = layout;
    }

    /// <summary>Number of page frames.</summary>
    public int Frames => _layout.Frames;

    /// <summary>Number of page table entries.</summary>
    public int Pages => _layout.Pages;

    /// <summary>The frame in a page table entry.</summary>
    public PageFrame Entry(int page) => new(_memory[_layout.PageTableBase + page] - 1);

    /// <summary>The frame that a CPU's TLB has for a page.</summary>
    public PageFrame Cached(int cpu, int page) => new(_memory[TlbBase(cpu) + page] - 1);

    /// <summary>Whether any CPU's TLB has something for a page.</summary>
    public bool IsCached(int page)
    {
        for (int cpu = 0; cpu < Cpus; cpu++)
        {
            if (!Cached(cpu, page).IsNone)
                return true;
        }

        return false;
    }

    /// <summary>The contents of a frame.</summary>
    public int Contents(int frame) => _memory[_layout.FrameBase + frame];

    /// <summary>The address of a frame of low memory.</summary>
    public static VirtualAddress LowAddress(PageFrame frame) => MmuLayout.LowAddress(frame);

    /// <summary>The address of a page of the mapped regions.</summary>
    public VirtualAddress AddressOf(int page) => _layout.AddressOf(page);

    /// <summary>Whether a page belongs to a region in which a frame may have at most one entry.</summary>
    public bool IsExclusive(int page) => _layout.RegionOf(page) is { IsExclusive: true };

    /// <inheritdoc cref="MmuLayout.PlaceOf"/>
    internal int PlaceOf(VirtualAddress address) => _layout.PlaceOf(address);

    internal int GuardOf(int page) => _layout.RegionOf(page)?.Guard ?? Protection.None;

    internal int EntryAddress(int page) => _layout.PageTableBase + page;

    internal void SetEntry(int page, PageFrame frame) => _memory.Set(_layout.PageTableBase + page, frame.Number + 1);

    internal void FlushAll()
    {
        if (Translations is null)
            _memory.Clear(_layout.TlbBase, _layout.TlbWords(Cpus));
        else
            Translations.Flush(_memory, _layout.TlbBase, _layout.TlbWords(Cpus));
    }

    /// <summary>Sets all of memory, the TLBs among it, to what it was when the machine had been booted.</summary>
    internal void Reset(int[] memory, int[] booted)
    {
        if (Translations is null)
        {
            booted.CopyTo(memory, 0);
            return;
        }

        int end = _layout.TlbBase + _layout.TlbWords(Cpus);
        booted.AsSpan(0, _layout.TlbBase).CopyTo(memory);
        Translations.Reset(memory, booted, _layout.TlbBase, end - _layout.TlbBase);
        booted.AsSpan(end).CopyTo(memory.AsSpan(end));
    }

    internal void FlushCpu(int cpu) => _memory.Clear(TlbBase(cpu), _layout.Pages);

    internal void FlushOne(int cpu, int page) => _memory.Set(TlbBase(cpu) + page, 0);

    /// <summary>Where an access of a place leads on a CPU, filling its TLB; none for a page fault.</summary>
    internal PageFrame Translate(int cpu, int place)
    {
        if (place >= _layout.Pages)
            return new PageFrame(place - _layout.Pages);

        ref int cached = ref _memory[TlbBase(cpu) + place];
        if (cached == 0)
        {
            cached = _memory[_layout.PageTableBase + place];
            Translations?.Add(TlbBase(cpu) + place);
        }

        return new PageFrame(cached - 1);
    }

    internal ref int ContentsAt(PageFrame frame) => ref _memory[_layout.FrameBase + frame.Number];

    internal int Cpus { get; init; }

    /// <summary>What the TLBs have; null if all of them are emptied in a flush.</summary>
    internal CachedTranslations? Translations { get; init; }

    private int TlbBase(int cpu) => _layout.TlbBase + (cpu * _layout.Pages);
}

/// <summary>Where the parts of the MMU lie in kernel memory.</summary>
internal sealed record MmuLayout(
    MappedRegion[] Regions,
    int Pages,
    int PageTableBase,
    int TlbBase,
    int Frames,
    int Low,
    int FrameBase)
{
    private const uint PageOffset = 0xC000_0000; // i386: where low memory is mapped for ever.
    private const int PageShift = 12;

    internal int TlbWords(int cpus) => Pages * cpus;

    /// <summary>The address of a frame of low memory.</summary>
    internal static VirtualAddress LowAddress(PageFrame frame) => new(PageOffset + ((uint)frame.Number << PageShift));

    /// <summary>The region of a page; null for a page that there is not.</summary>
    internal MappedRegion? RegionOf(int page)
    {
        foreach (MappedRegion region in Regions)
        {
            if (page < region.First + region.Pages)
                return region;
        }

        return null;
    }

    /// <summary>The address of a page of the mapped regions.</summary>
    internal VirtualAddress AddressOf(int page) => RegionOf(page) is { } region
        ? new VirtualAddress(region.Start.Value + ((uint)(page - region.First) << PageShift))
        : VirtualAddress.Null;

    /// <summary>
    /// The place that an address names: a page table entry, or beyond them a frame of low memory; -1 for an address
    /// that nothing is ever mapped at.
    /// </summary>
    internal int PlaceOf(VirtualAddress address)
    {
        foreach (MappedRegion region in Regions)
        {
            uint distance = (address.Value - region.Start.Value) >> PageShift;
            if (distance < (uint)region.Pages)
                return region.First + (int)distance;
        }

        uint frame = (address.Value - PageOffset) >> PageShift;
        return frame < (uint)Low ? Pages + (int)frame : -1;
    }
}

/// <summary>A range of addresses that has page table entries.</summary>
internal sealed record MappedRegion(
    string Name,
    VirtualAddress Start,
    int Pages,
    int First,
    int Guard,
    bool IsExclusive);
