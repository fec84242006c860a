using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>
/// Harmless where no CPU translates an address that nobody uses; hardware that speculates could reload the old entry
/// after the flush.
/// </summary>
[Variant("entry-kept", "flush_all_zero_pkmaps() does not clear the page table entries", IsBenign = true)]
public sealed partial class EntryKept<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask UnmapSlot(int slot)
    {
        PkmapCount[slot] = 0;
        Page page = PkmapPtePage(slot);
        await SetPageAddress(page, VirtualAddress.Null);
    }
}
