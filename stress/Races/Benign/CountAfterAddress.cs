using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless: all of it happens under kmap_lock.</summary>
[Variant(
    "count-after-address",
    "flush_all_zero_pkmaps() sets the count to 0 after it has reset page_address()",
    IsBenign = true)]
public sealed partial class CountAfterAddress<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask UnmapSlot(int slot)
    {
        Page page = PkmapPtePage(slot);
        BugOn(page.IsNone, "flush:empty_pte");
        SetPkmapPte(slot, Page.None);
        await SetPageAddress(page, VirtualAddress.Null);
        PkmapCount[slot] = 0;
    }
}
