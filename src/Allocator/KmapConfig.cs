using Kmaplab.Allocator.Memory;
using Kmaplab.Allocator.Settings;

namespace Kmaplab.Allocator;

/// <summary>What the allocator is built for.</summary>
/// <param name="Pages">The pages there are.</param>
/// <param name="Layout">Where the permanent mappings lie.</param>
public sealed record KmapConfig(MemoryMap Pages, PkmapLayout Layout)
{
    /// <summary>
    /// Where the atomic mappings lie, and whether they are checked; null for a machine that does without them.
    /// </summary>
    public Fixmap? Fixmap { get; init; }

    /// <summary>The number of tasks whose mappings are accounted for; 0 for no account.</summary>
    public int Tasks { get; init; }

    /// <summary>
    /// The number of interrupts that tasks can meet. They may call kmap_high() past kmap()'s checks, and what they map
    /// is accounted for if this is not 0.
    /// </summary>
    public int Interrupts { get; init; }

    /// <summary>The release to be like.</summary>
    public KernelRelease Release { get; init; } = KernelRelease.Latest;
}
