using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Slots;

/// <summary>kmap_high() makes its count atomic, and holds kmap_lock a little shorter.</summary>
[Variant("count-after-unlock", "kmap_high() counts its user, atomically, after it has released kmap_lock")]
[Race(
    "count-after-unlock",
    FailureClass.BugOn,
    MayShow = [FailureClass.UseAfterUnmap, FailureClass.StaleTlb, FailureClass.DoubleMapping],
    Script = "mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Task 0 has mapped A and released kmap_lock; the slot still has count 1, mapped and unused. Task 1 wants B,
        wraps, and
        its flush takes the slot away. Task 0 then counts itself as the user of a free slot, which is the BUG in
        kmap_high(), or
        of the slot of B, which it goes on to read and write.
        """,
    Fix = "The user is counted under the kmap_lock under which the mapping was found or made.",
    Reference = "mm/highmem.c, kmap_high()")]
public sealed partial class CountAfterUnlock<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask<VirtualAddress> KmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        if (address.IsNull)
            address = await MapNewVirtual(page);

        await KmapLock.Release();
        // The bug: a slot with count 1 may be gone by now.
        int users = 1 + await PkmapCount.FetchAdd(Layout.SlotOf(address), 1);
        BugOn(users < 2, "kmap:count_below_2");
        return address;
    }
}
