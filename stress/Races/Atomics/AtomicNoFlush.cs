using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Atomics;

/// <summary>kmap_atomic() writes the entry and forgets the TLB.</summary>
[Variant("atomic-no-flush", "kmap_atomic() does not flush its slot's translation")]
[Race(
    "atomic-no-flush",
    FailureClass.StaleTlb,
    Scenario = "migrate",
    Tasks = 1,
    Pages = 2,
    Cpus = 1,
    Story = """
        One task is enough. It maps a page, uses it and unmaps it, which without CONFIG_DEBUG_HIGHMEM changes nothing:
        entry and
        translation stay. Then it maps another page with the same type. The entry is new, but the CPU still has the old
        translation.
        """,
    Fix = "__flush_tlb_one() after set_pte().",
    Reference = "arch/i386/mm/highmem.c, kmap_atomic()")]
public sealed partial class AtomicNoFlush<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void FlushTlbOne(int index)
    {
        // The bug: the last unmap has left its translation to this call.
    }
}
