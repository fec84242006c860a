using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator.Memory;

/// <summary>Where the permanent mappings lie: PKMAP_BASE and LAST_PKMAP (include/asm-i386/highmem.h).</summary>
/// <param name="Base">PKMAP_BASE, the address of slot 0.</param>
/// <param name="Slots">LAST_PKMAP, the number of slots.</param>
public sealed record PkmapLayout(VirtualAddress Base, int Slots)
{
    /// <summary>PAGE_SHIFT: a page has 4096 bytes.</summary>
    public const int PageShift = 12;

    /// <summary>The base that the laboratory uses unless asked otherwise.</summary>
    public static VirtualAddress DefaultBase => new(0x9600_0000);

    /// <summary>2 MiB of address space, as a kernel with PAE has it.</summary>
    public static PkmapLayout Default => new(DefaultBase, 512);

    /// <summary>
    /// LAST_PKMAP_MASK: the cursor goes round by this, which is why LAST_PKMAP must be a power of two.
    /// </summary>
    public int Mask => Slots - 1;

    /// <summary>PKMAP_ADDR(nr).</summary>
    public VirtualAddress AddressOf(int slot) => new(Base.Value + ((uint)slot << PageShift));

    /// <summary>PKMAP_NR(virt). Checks no range, like the kernel's.</summary>
    public int SlotOf(VirtualAddress address) => (int)((address.Value - Base.Value) >> PageShift);
}
