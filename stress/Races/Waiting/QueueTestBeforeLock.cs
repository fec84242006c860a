using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Waiting;

/// <summary>
/// kunmap_high() decides whether somebody is to be woken before it takes the lock under which sleepers join the queue.
/// </summary>
[Variant("queue-test-before-lock", "kunmap_high() tests the wait queue before it takes kmap_lock")]
[Race(
    "queue-test-before-lock",
    FailureClass.LostWakeup,
    Script = "mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Task 0 looks at the queue, finds it empty, and is held up in front of kmap_lock. Task 1 finds the only
        slot in use, queues, and sleeps. Task 0 drops its use and wakes nobody, since it remembers an empty
        queue.
        """,
    Fix = "waitqueue_active() is asked under kmap_lock, together with the decrement; sleepers queue under the same "
        + "lock.",
    Reference = "mm/highmem.c, kunmap_high(); M. Hemment, 31 March 2001")]
public sealed partial class QueueTestBeforeLock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        bool isSomebodyWaiting = await PkmapMapWait.IsActiveOnce(); // The bug: true only until the next task queues.

        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");
        int users = --PkmapCount[Layout.SlotOf(address)];
        BugOn(users == 0, "kunmap:count_zero");
        await KmapLock.Release();
        if (users == 1 && isSomebodyWaiting)
            await WakeSleepers();
    }
}
