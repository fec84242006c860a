using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>
/// Harmless where no CPU translates an address that nobody uses; hardware that speculates would see the difference.
/// </summary>
[Variant(
    "flush-before-clear",
    "flush_all_zero_pkmaps() flushes the TLBs before it clears the page table entries",
    IsBenign = true)]
public sealed partial class FlushBeforeClear<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask FlushAllZeroPkmaps()
    {
        await FlushTlbKernelRange();
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            if (PkmapCount[slot] == 1)
                await UnmapSlot(slot);
        }
    }
}
