using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Addresses;

/// <summary>kmap_high() trusts an answer of page_address() that it got without the lock.</summary>
[Variant("unlocked-lookup", "kmap_high() asks page_address() before it takes kmap_lock")]
[Race(
    "unlocked-lookup",
    FailureClass.UseAfterUnmap,
    MayShow = [FailureClass.BugOn, FailureClass.DoubleMapping, FailureClass.StaleTlb],
    Script = "mA uA xA mA uA xA | mB uB xB",
    Slots = 1,
    Story = """
        Page A is mapped and unused when task 0 asks for it, and gets its address. Before task 0 has kmap_lock,
        task 1 takes the slot for B. Task 0 then counts itself as a user of that slot, and reads and writes B.
        """,
    Fix = "page_address() is asked under kmap_lock.",
    Reference = "mm/highmem.c, kmap_high()")]
public sealed partial class UnlockedLookup<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override async KernelTask<VirtualAddress> KmapHigh(Page page)
    {
        VirtualAddress address = await PageAddress(page); // The bug: only a hint, until kmap_lock is held.

        await KmapLock.Acquire();
        if (address.IsNull)
            address = await MapNewVirtual(page);

        int users = ++PkmapCount[Layout.SlotOf(address)];
        BugOn(users < 2, "kmap:count_below_2");
        await KmapLock.Release();
        return address;
    }
}
