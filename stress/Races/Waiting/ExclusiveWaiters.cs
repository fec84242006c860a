using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>map_new_virtual() sleeps exclusively, against the thundering herd, and a wake-up is swallowed.</summary>
[Variant("exclusive-waiters", "sleepers are exclusive, so that a free slot wakes only one of them")]
[Race(
    "exclusive-waiters",
    FailureClass.LostWakeup,
    Script = "mA mB xA mC uC xB w2 xC | mC uC xC | mD uD xD",
    Slots = 2,
    Story = """
        Task 0 holds both slots; tasks 1 and 2 sleep for C and D. Task 0 gives A back, which wakes task 2, takes
        the slot for C before task 2 gets there, so task 2 sleeps again, behind task 1; gives B back, which
        wakes task 1. Task 1 finds its page C mapped by task 0, needs no slot, and the wake-up is used up: task
        2 sleeps beside the slot of B. Task 0 waits for task 2 before it gives C back.
        """,
    Fix = "The sleepers are not exclusive: every last kunmap wakes all, and each looks for itself.",
    Reference = "mm/highmem.c, map_new_virtual(); kernel/wait.c, add_wait_queue()")]
public sealed partial class ExclusiveWaiters<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await PkmapMapWait.AddExclusive(); // The bug: who is woken may have no use for the slot, and wakes nobody else.
        await KmapLock.Release();
        await Kernel.Schedule();
        await PkmapMapWait.Remove();
        await KmapLock.Acquire();
    }
}
