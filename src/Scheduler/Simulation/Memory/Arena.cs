namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>Kernel memory as a boot lays it out: words, and the named regions that they belong to.</summary>
internal sealed class Arena
{
    private readonly List<MemoryRegion> _regions = [];

    /// <summary>The words; more than are used while it grows.</summary>
    internal int[] Words { get; private set; } = new int[256];

    /// <summary>The number of words that are laid out, and the address of the next one.</summary>
    internal int Used { get; private set; }

    /// <summary>The regions, by address.</summary>
    internal IReadOnlyList<MemoryRegion> Regions => _regions;

    /// <summary>Adds a region behind the others; it begins at <see cref="Used"/>, and its words are 0.</summary>
    internal void Add(MemoryRegion region)
    {
        _regions.Add(region);
        Used += region.Length;
        if (Used > Words.Length)
        {
            int[] larger = new int[Math.Max(Used, Words.Length * 2)];
            Words.CopyTo(larger, 0);
            Words = larger;
        }
    }

    /// <summary>Nothing is laid out any more.</summary>
    internal void Close() => Words = Words[..Used];

    /// <summary>The region that a word belongs to; null beyond the last.</summary>
    internal MemoryRegion? RegionOf(int address)
    {
        foreach (MemoryRegion region in _regions)
        {
            if (region.Contains(address))
                return region;
        }

        return null;
    }

    /// <summary>The name of a word: pkmap_count[3].</summary>
    internal string NameOf(int address) => RegionOf(address) switch
    {
        null => $"word {address}",
        { Length: 1 } or { Sort: Kernel.WordSort.Queue } => RegionOf(address)!.Name,
        var region => $"{region.Name}[{address - region.Start}]",
    };
}
