using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>kmap_lock is taken with interrupts off, and held over the TLB flush.</summary>
[Variant("lock-with-irqs-off", "kmap_lock is taken by spin_lock_irq()")]
[Race(
    "lock-with-irqs-off",
    FailureClass.Deadlock,
    Scenario = "shootdown",
    NoPreempt = true,
    Story = """
        One CPU holds kmap_lock and has sent the flush of the wrap to all others; it waits for their answers. Another
        one spins for
        kmap_lock, and without CONFIG_PREEMPT spin_lock_irq() spins with interrupts off: it cannot answer. Each waits
        for the other.
        """,
    Fix = "spin_lock(): who spins for kmap_lock must be able to answer the holder.",
    Reference = "Ananth (SGI), 9 October 2000: CPUs hang in kmap_high() and smp_call_function(); arch/i386/kernel/smp.c"
)]
public sealed partial class LockWithIrqsOff<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override KernelStep<int> LockKmap() => KmapLock.AcquireIrq(); // The bug.

    /// <inheritdoc/>
    protected override KernelStep UnlockKmap() => KmapLock.ReleaseIrq();
}
