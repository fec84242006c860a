using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Benign;

/// <summary>Harmless, and what later kernels do (need_flush).</summary>
[Variant(
    "flush-if-needed",
    "flush_all_zero_pkmaps() flushes the TLBs only if it has unmapped something",
    IsBenign = true)]
public sealed partial class FlushIfNeeded<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask FlushAllZeroPkmaps()
    {
        bool needFlush = false;
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            if (PkmapCount[slot] != 1)
                continue;

            await UnmapSlot(slot);
            needFlush = true;
        }

        if (needFlush)
            await FlushTlbKernelRange();
    }
}
