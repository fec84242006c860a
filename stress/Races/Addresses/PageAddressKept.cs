using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Addresses;

/// <summary>
/// flush_all_zero_pkmaps() takes a slot away from a page, and page_address() still tells the old address.
/// </summary>
[Variant("keep-page-address", "flush_all_zero_pkmaps() does not reset page_address()")]
[Race(
    "keep-page-address",
    FailureClass.BugOn,
    Script = "mA uA xA mB uB xB",
    Slots = 1,
    Story = """
        One task is enough. A is unmapped, its slot is flushed for B, but the record (A, address) stays in its
        chain. The pool of LAST_PKMAP records is empty when B wants one: BUG. With more slots a later kmap of A
        returns an address that leads nowhere.
        """,
    Fix = "The loop in flush_all_zero_pkmaps() ends with set_page_address(page, NULL).",
    Reference = "mm/highmem.c, flush_all_zero_pkmaps(), set_page_address()")]
public sealed partial class PageAddressKept<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    // The bug: no set_page_address(page, NULL), so the record of the mapping is never given back to the pool.
    /// <inheritdoc/>
    protected override KernelTask UnmapSlot(int slot)
    {
        PkmapCount[slot] = 0;
        BugOn(PkmapPtePage(slot).IsNone, "flush:empty_pte");
        SetPkmapPte(slot, Page.None);
        return default;
    }
}
