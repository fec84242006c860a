using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Atomics;

/// <summary>kmap_atomic() leaves preemption on.</summary>
[Variant("atomic-preemptible", "kmap_atomic() does not raise preempt_count")]
[Race(
    "atomic-preemptible",
    FailureClass.SlotClobber,
    MayShow = [FailureClass.UseAfterUnmap, FailureClass.StaleTlb, FailureClass.Assertion, FailureClass.ReferenceCount],
    Scenario = "migrate",
    Tasks = 2,
    Pages = 2,
    Cpus = 1,
    Story = """
        A task has mapped a page into the KM_USER0 slot of its CPU and is preempted. The next task on this CPU maps with
        the same type,
        into the same slot. When the first one runs again, its address leads to the other's page.
        """,
    Fix = "inc_preempt_count() before the slot is looked up, and dec_preempt_count() after it has been given back.",
    Reference = "arch/i386/mm/highmem.c, kmap_atomic()")]
public sealed partial class AtomicPreemptible<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override void IncPreemptCount()
    {
        // The bug: nothing keeps the task where it is.
    }

    /// <inheritdoc/>
    protected override void DecPreemptCount()
    {
    }
}
