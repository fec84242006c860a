using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>flush_all_zero_pkmaps() clears page table entries and leaves the translations in the TLBs.</summary>
[Variant("no-tlb-flush", "flush_all_zero_pkmaps() does not flush the TLBs")]
[Race(
    "no-tlb-flush",
    FailureClass.StaleTlb,
    Script = "mA uA xA mB uB xB",
    Slots = 1,
    Story = """
        One task is enough. It uses page A through the only slot, and the translation stays in its TLB. When it
        maps B, the slot is taken from A, but its CPU still translates the address to A: what it writes into B
        goes to A.
        """,
    Fix = "flush_tlb_kernel_range() at the end of flush_all_zero_pkmaps(), under kmap_lock, before any slot with "
        + "count 0 is handed out.",
    Reference = "mm/highmem.c, flush_all_zero_pkmaps()")]
public sealed partial class NoTlbFlush<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: count 0 no longer means that no CPU has an old translation.
    /// <inheritdoc/>
    protected override KernelTask FlushTlbKernelRange() => default;
}
