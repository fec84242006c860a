using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>The page table, a TLB per CPU, and the page frames.</summary>
/// <remarks>
/// A TLB keeps a translation from its first use until a flush; empty entries are not kept. A page's contents are one
/// word.
/// </remarks>
internal sealed class CoyoteMmu
{
    private const uint PageOffset = 0xC000_0000; // Where low memory is mapped for ever.
    private const int PageShift = 12;

    private readonly List<Region> _regions = [];
    private readonly List<PageFrame> _table = [];
    private readonly List<(int First, int Pages, Func<int, bool> IsInUse)> _uses = [];
    private PageFrame[][] _tlbs = [];
    private int[] _contents = [];
    private int _low;

    /// <summary>Lays out page table entries; yields the first.</summary>
    public int AddRegion(VirtualAddress start, int pages, int guard, bool exclusive)
    {
        int first = _table.Count;
        _regions.Add(new Region(start, first, pages, guard, exclusive));
        _table.AddRange(Enumerable.Repeat(PageFrame.None, pages));
        return first;
    }

    /// <summary>Declares the page frames, of which the first <paramref name="low"/> are mapped for ever.</summary>
    public void CreateFrames(int frames, int low)
    {
        _contents = new int[frames];
        _low = low;
    }

    /// <summary>Empties everything, for so many CPUs.</summary>
    public void Reset(int cpus)
    {
        for (int page = 0; page < _table.Count; page++)
            _table[page] = PageFrame.None;

        if (_tlbs.Length != cpus)
            _tlbs = [.. Enumerable.Range(0, cpus).Select(_ => new PageFrame[_table.Count])];

        FlushAll();
        Array.Clear(_contents);
    }

    /// <summary>The frame in a page table entry.</summary>
    public PageFrame Entry(int page) => _table[page];

    /// <summary>Writes a page table entry; the TLBs keep what they have.</summary>
    public void SetEntry(int page, PageFrame frame) => _table[page] = frame;

    /// <summary>The lock that protects a page table entry, -1 if none.</summary>
    public int GuardOf(int page) => RegionOf(page).Guard;

    /// <summary>The address of a page.</summary>
    public VirtualAddress AddressOf(int page)
    {
        Region region = RegionOf(page);
        return new VirtualAddress(region.Start.Value + ((uint)(page - region.First) << PageShift));
    }

    /// <summary>Declares how to tell whether entries are in use.</summary>
    public void DeclareInUse(int first, int pages, Func<int, bool> isInUse) => _uses.Add((first, pages, isInUse));

    /// <summary>
    /// Another page that a frame is mapped at and in use, where a frame may be mapped only once; -1 if there is none.
    /// </summary>
    public int OtherMappingOf(PageFrame frame, int page)
    {
        if (frame.IsNone || !RegionOf(page).IsExclusive)
            return -1;

        for (int other = 0; other < _table.Count; other++)
        {
            if (other != page && _table[other] == frame && RegionOf(other).IsExclusive && IsInUse(other))
                return other;
        }

        return -1;
    }

    private bool IsInUse(int page) =>
        _uses.TrueForAll(use => page < use.First || page >= use.First + use.Pages || use.IsInUse(page - use.First));

    /// <summary>
    /// What an address names: a page table entry, or beyond them a low frame; -1 if nothing is ever there.
    /// </summary>
    public int PlaceOf(VirtualAddress address)
    {
        foreach (Region region in _regions)
        {
            uint distance = (address.Value - region.Start.Value) >> PageShift;
            if (distance < (uint)region.Pages)
                return region.First + (int)distance;
        }

        uint frame = (address.Value - PageOffset) >> PageShift;
        return frame < (uint)_low ? _table.Count + (int)frame : -1;
    }

    /// <summary>What the page table says about a place.</summary>
    public PageFrame FrameAt(int place) => place < _table.Count ? _table[place] : new PageFrame(place - _table.Count);

    /// <summary>Where an access of a place leads on a CPU, filling its TLB.</summary>
    public PageFrame Translate(int cpu, int place)
    {
        if (place >= _table.Count)
            return FrameAt(place);

        ref PageFrame cached = ref _tlbs[cpu][place];
        if (cached.IsNone)
            cached = _table[place];

        return cached;
    }

    /// <summary>The contents of a frame.</summary>
    public ref int Contents(PageFrame frame) => ref _contents[frame.Number];

    /// <summary>Empties all TLBs.</summary>
    public void FlushAll()
    {
        foreach (PageFrame[] tlb in _tlbs)
            Array.Fill(tlb, PageFrame.None);
    }

    /// <summary>Whether any TLB has something for a page.</summary>
    public bool IsCached(int page) => _tlbs.Any(tlb => !tlb[page].IsNone);

    /// <summary>Empties one TLB.</summary>
    public void FlushCpu(int cpu) => Array.Fill(_tlbs[cpu], PageFrame.None);

    /// <summary>Forgets one translation in one TLB.</summary>
    public void FlushOne(int cpu, int page) => _tlbs[cpu][page] = PageFrame.None;

    private Region RegionOf(int page) => _regions.Find(region => page < region.First + region.Pages)!;

    private sealed record Region(VirtualAddress Start, int First, int Pages, int Guard, bool IsExclusive);
}
