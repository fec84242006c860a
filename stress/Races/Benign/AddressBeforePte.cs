using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless: only who holds kmap_lock may act on page_address().</summary>
[Variant(
    "address-before-pte",
    "map_new_virtual() sets page_address() before the page table entry and the count",
    IsBenign = true)]
public sealed partial class AddressBeforePte<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapSlot(int slot, Page page)
    {
        VirtualAddress address = Layout.AddressOf(slot);
        await SetPageAddress(page, address);
        SetPkmapPte(slot, page);
        PkmapCount[slot] = 1;
        return address;
    }
}
