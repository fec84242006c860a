using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>map_new_virtual() returns from its sleep with its wait queue entry still linked.</summary>
[Variant("queue-entry-left-behind", "map_new_virtual() does not leave the wait queue after its sleep")]
[Race(
    "queue-entry-left-behind",
    FailureClass.BugOn,
    Script = "mA uA xA mA uA xA | mB uB xB mB uB xB",
    Slots = 1,
    Story = """
        The wait queue entry is a local of map_new_virtual(). If it stays linked, the list runs through a dead
        stack frame: the next sleep of the same task links the same entry a second time, and the list is
        corrupt.
        """,
    Fix = "remove_wait_queue() after schedule(), before kmap_lock is taken again.",
    Reference = "mm/highmem.c, map_new_virtual()")]
public sealed partial class QueueEntryLeftBehind<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await PkmapMapWait.Add();
        await KmapLock.Release();
        await Kernel.Schedule();

        // The bug: the entry lies on the stack of a function that is about to return, and stays on the queue.
        await KmapLock.Acquire();
    }
}
