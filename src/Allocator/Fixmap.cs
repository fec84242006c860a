using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Allocator;

/// <summary>
/// The fixed addresses at the top of the address space, of which atomic mappings are a part
/// (include/asm-i386/fixmap.h).
/// </summary>
/// <remarks>They grow downwards: index 0 is FIXADDR_TOP, a hole, and a higher index is a lower address.</remarks>
/// <param name="Top">FIXADDR_TOP.</param>
/// <param name="KmapBegin">FIX_KMAP_BEGIN: the index of the first atomic mapping.</param>
/// <param name="Cpus">NR_CPUS: each has its own atomic mappings.</param>
/// <param name="DebugHighmem">CONFIG_DEBUG_HIGHMEM: fences between the types, and checks.</param>
public sealed record Fixmap(VirtualAddress Top, int KmapBegin, int Cpus, bool DebugHighmem)
{
    private const int FixKmapBeginUp = 2; // Behind FIX_HOLE and FIX_VSYSCALL, on a build for one CPU.
    private const uint PageMask = ~((1u << PkmapLayout.PageShift) - 1);

    /// <summary>KM_TYPE_NR.</summary>
    public int Types => KmTypes.Count(DebugHighmem);

    /// <summary>Number of atomic mappings, over all CPUs.</summary>
    public int KmapEntries => Types * Cpus;

    /// <summary>Number of fixed addresses, without the hole at the top.</summary>
    public int Pages => KmapBegin + KmapEntries;

    /// <summary>FIXADDR_START: whatever is below is taken for low memory.</summary>
    public VirtualAddress Start => AddressOf(Pages);

    /// <summary>A small fixmap, for <paramref name="cpus"/> CPUs.</summary>
    public static Fixmap Create(int cpus, bool debugHighmem = false) =>
        new(new VirtualAddress(0xffff_f000), FixKmapBeginUp, cpus, debugHighmem);

    /// <summary>The fixmap index of a type on a CPU: FIX_KMAP_BEGIN + type + KM_TYPE_NR * cpu.</summary>
    public int IndexOf(KmType type, CpuId cpu) =>
        KmapBegin + KmTypes.NumberOf(type, DebugHighmem) + (Types * cpu.Number);

    /// <summary>What a fixmap index is for: slot KM_USER0 of CPU 0.</summary>
    public string NameOf(int index)
    {
        int entry = index - KmapBegin;
        if ((uint)entry >= (uint)KmapEntries)
            return $"fixmap entry {index}";

        foreach (KmType type in Enum.GetValues<KmType>())
        {
            if (KmTypes.NumberOf(type, DebugHighmem) == entry % Types)
                return $"slot {KmTypes.NameOf(type)} of CPU {entry / Types}";
        }

        return $"fence {entry % Types} of CPU {entry / Types}";
    }

    /// <summary>__fix_to_virt(idx).</summary>
    public VirtualAddress AddressOf(int index) => new(Top.Value - ((uint)index << PkmapLayout.PageShift));

    /// <summary>__virt_to_fix(address).</summary>
    public int IndexOf(VirtualAddress address) => (int)((Top.Value - PageOf(address).Value) >> PkmapLayout.PageShift);

    /// <summary>The address of the page that an address is in.</summary>
    public static VirtualAddress PageOf(VirtualAddress address) => new(address.Value & PageMask);
}
