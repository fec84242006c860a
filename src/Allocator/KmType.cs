namespace Kmaplab.Allocator;

/// <summary>
/// enum km_type: what an atomic mapping is for (include/asm-i386/kmap_types.h). Who uses one type twice on a CPU
/// overwrites the first mapping.
/// </summary>
public enum KmType
{
    /// <summary>KM_BOUNCE_READ: the bounce buffers of block devices, with interrupts off.</summary>
    BounceRead,

    /// <summary>KM_SKB_SUNRPC_DATA: network packets of sunrpc.</summary>
    SkbSunrpcData,

    /// <summary>KM_SKB_DATA_SOFTIRQ: network packets in soft interrupts.</summary>
    SkbDataSoftirq,

    /// <summary>KM_USER0: process context.</summary>
    User0,

    /// <summary>KM_USER1: process context, a second mapping.</summary>
    User1,

    /// <summary>KM_BIO_SRC_IRQ: the source of a block copy, with interrupts off.</summary>
    BioSrcIrq,

    /// <summary>KM_BIO_DST_IRQ: the destination of a block copy, with interrupts off.</summary>
    BioDstIrq,

    /// <summary>KM_PTE0: a page table in high memory.</summary>
    Pte0,

    /// <summary>KM_PTE1: a second page table in high memory.</summary>
    Pte1,

    /// <summary>KM_IRQ0: hard interrupts.</summary>
    Irq0,

    /// <summary>KM_IRQ1: hard interrupts, a second mapping.</summary>
    Irq1,

    /// <summary>KM_SOFTIRQ0: soft interrupts.</summary>
    Softirq0,

    /// <summary>KM_SOFTIRQ1: soft interrupts, a second mapping.</summary>
    Softirq1,
}

/// <summary>The names and numbers of <see cref="KmType"/>.</summary>
public static class KmTypes
{
    private static readonly string[] s_names =
    [
        "KM_BOUNCE_READ", "KM_SKB_SUNRPC_DATA", "KM_SKB_DATA_SOFTIRQ", "KM_USER0", "KM_USER1", "KM_BIO_SRC_IRQ",
        "KM_BIO_DST_IRQ", "KM_PTE0", "KM_PTE1", "KM_IRQ0", "KM_IRQ1", "KM_SOFTIRQ0", "KM_SOFTIRQ1",
    ];

    /// <summary>All types, in the kernel's order.</summary>
    public static IReadOnlyList<KmType> All { get; } = Enum.GetValues<KmType>();

    /// <summary>The type's name in C.</summary>
    public static string NameOf(KmType type) => s_names[(int)type];

    /// <summary>Finds a type by its name in C.</summary>
    public static bool TryParse(string name, out KmType type)
    {
        int index = Array.IndexOf(s_names, name);
        type = (KmType)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>
    /// The type's number. CONFIG_DEBUG_HIGHMEM puts a fence in front of each, so that neighbours are never mapped.
    /// </summary>
    public static int NumberOf(KmType type, bool debugHighmem) => debugHighmem ? (2 * (int)type) + 1 : (int)type;

    /// <summary>KM_TYPE_NR.</summary>
    public static int Count(bool debugHighmem) => debugHighmem ? (2 * s_names.Length) + 1 : s_names.Length;
}
