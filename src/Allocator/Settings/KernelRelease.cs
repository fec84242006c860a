using System.Diagnostics.CodeAnalysis;

namespace Kmaplab.Allocator.Settings;

/// <summary>A release of Linux whose kmap this is a port of.</summary>
/// <remarks>
/// Locks, sleeping and waking are the same in all of them; what differs is which functions there are.
/// </remarks>
public sealed class KernelRelease
{
    private KernelRelease(string name, bool hasKmapAtomicPfn, params IReadOnlyList<string> changes)
    {
        Name = name;
        HasKmapAtomicPfn = hasKmapAtomicPfn;
        Changes = changes;
    }

    /// <summary>All releases, oldest first.</summary>
    public static IReadOnlyList<KernelRelease> All { get; } =
    [
        new("2.6.12", false, "where this port starts; set_pte_at and pte_clear take the mm and the address by now"),
        new("2.6.12.1", false),
        new("2.6.12.2", false),
        new("2.6.12.3", false),
        new("2.6.12.4", false),
        new("2.6.12.5", false),
        new("2.6.12.6", false),
        new(
            "2.6.13",
            true,
            "kmap_atomic_pfn is new, for crash dumps: commit 60e64d46a582, V. Goyal, 25 June 2005",
            "the symbols are exported from arch/i386/mm/highmem.c itself: commit 129f69465b41, A. Dobriyan, 23 June "
            + "2005"),
        new("2.6.13.1", true),
        new("2.6.14", true, "bounce buffers only: gfp_t, and a page_pool_alloc_isa of their own"),
        new("2.6.15", true, "bounce buffers only: counters"),
    ];

    /// <summary>The newest of them.</summary>
    public static KernelRelease Latest => All[^1];

    /// <summary>The number, as Linux writes it.</summary>
    public string Name { get; }

    /// <summary>kmap_atomic_pfn() exists.</summary>
    public bool HasKmapAtomicPfn { get; }

    /// <summary>What changed in the files of this port since the release before; nothing, for many.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>Finds a release by its number; false if there is none.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out KernelRelease? release)
    {
        release = All.FirstOrDefault(other => other.Name == name);
        return release is not null;
    }

    /// <summary>Finds a release by its number.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static KernelRelease Parse(string name) => TryParse(name, out KernelRelease? release)
        ? release
        : throw new FormatException($"there is no port of Linux '{name}', only of {string.Join(", ", All)}");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
