namespace Kmaplab.Scheduler.Kernel.Rules;

/// <summary>
/// How preempt_count is divided on i386 (include/linux/hardirq.h, include/asm-i386/hardirq.h, Linux 2.6.12): preemption
/// in the low byte, then soft interrupts, then hard interrupts, and PREEMPT_ACTIVE above them.
/// </summary>
public static class PreemptCount
{
    /// <summary>SOFTIRQ_OFFSET: what a soft interrupt, or switching bottom halves off, adds.</summary>
    public const int SoftirqOffset = 1 << 8;

    /// <summary>HARDIRQ_OFFSET: what a hard interrupt adds.</summary>
    public const int HardirqOffset = 1 << 16;

    /// <summary>PREEMPT_ACTIVE: the task was preempted, and stays on the run queue whatever its state.</summary>
    public const int Active = 1 << 28;

    private const int PreemptMask = 0xFF;
    private const int InterruptMask = 0x0FFF_FF00;

    /// <summary>The part that preempt_disable() counts.</summary>
    public static int DepthOf(int count) => count & PreemptMask;

    /// <summary>in_interrupt(): a handler runs, or bottom halves are off.</summary>
    public static bool IsInInterrupt(int count) => (count & InterruptMask) != 0;

    /// <summary>in_atomic(): anything but PREEMPT_ACTIVE is counted.</summary>
    public static bool IsInAtomic(int count) => (count & (Active - 1)) != 0;
}
