using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>flush_all_zero_pkmaps() forgets that there are other CPUs.</summary>
[Variant("local-tlb-flush", "flush_all_zero_pkmaps() flushes the TLB of its own CPU only")]
[Race(
    "local-tlb-flush",
    FailureClass.StaleTlb,
    Script = "mA uA xA | mB uB xB mA uA xA",
    Slots = 1,
    Story = """
        Task 1 uses page B through the only slot on CPU 1. On CPU 0 the slot is taken from B for A, and only CPU
        0 flushes. Task 1 then maps A, finds it mapped, and reaches B through its old translation.
        """,
    Fix = "flush_tlb_kernel_range() on i386 is flush_tlb_all(): an interrupt to every other CPU, and a wait until all "
        + "have answered.",
    Reference = "mm/highmem.c, flush_all_zero_pkmaps(); arch/i386/kernel/smp.c, flush_tlb_all()")]
public sealed partial class LocalTlbFlush<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: the other CPUs keep what they have.
    /// <inheritdoc/>
    protected override KernelTask FlushTlbKernelRange()
    {
        Kernel.FlushTlbLocal();
        return default;
    }
}
