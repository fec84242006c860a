using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Atomics;

/// <summary>All CPUs use the slots of the first.</summary>
[Variant("atomic-shared-slots", "kmap_atomic() looks its slot up by the type alone, without the CPU")]
[Race(
    "atomic-shared-slots",
    FailureClass.SlotClobber,
    MayShow = [FailureClass.StaleTlb, FailureClass.UseAfterUnmap],
    Scenario = "migrate",
    Tasks = 2,
    Pages = 2,
    Cpus = 2,
    Story = """
        Two CPUs map with the same type at the same time. Atomic mappings have no lock because no two CPUs ever use the
        same slot; with an
        index that leaves out the CPU they do, and the second mapping replaces the first.
        """,
    Fix = "idx = type + KM_TYPE_NR * smp_processor_id().",
    Reference = "arch/i386/mm/highmem.c, kmap_atomic()")]
public sealed partial class AtomicSharedSlots<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override int AtomicIndex(KmType type) => Fixmap.IndexOf(type, new CpuId(0)); // The bug.
}
