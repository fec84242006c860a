using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Flushes;

/// <summary>
/// The flush without kmap_lock again, by somebody who knows that the world may have changed when the lock is back.
/// </summary>
[Variant(
    "unlocked-tlb-flush-repaired",
    "kmap_lock is dropped while the TLBs are flushed, and the search then starts anew")]
[Race(
    "unlocked-tlb-flush-repaired",
    FailureClass.StaleTlb,
    Script = "mA uA xA mB uB xB | mB uB xB",
    Slots = 1,
    Story = """
        Two of the three mistakes of unlocked-tlb-flush are mended: with the lock back, the page is looked up again, and
        the
        search begins anew until it has seen all slots with nothing to flush, so that no use can end unnoticed. The
        third is
        left: task 1 has set the slot of A to 0 and not yet flushed when task 0 takes it for B; the CPU of task 0 still
        translates the address to A.
        """,
    Fix = "A slot becomes 0 only when the flush is done: under kmap_lock throughout, or by way of a third state, "
        + "being flushed.",
    Reference = "mm/highmem.c, flush_all_zero_pkmaps(); linux-arm-kernel, patch of 30 June to 31 October 2024 "
        + "(zhangchun)"
)]
public sealed partial class UnlockedTlbFlushRepaired<TKernel>(IKernelBoot<TKernel> boot, KmapConfig config)
    : HighMemory<TKernel>(boot, config)
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapNewVirtual(Page page)
    {
        int budget = Layout.Slots;
        while (true)
        {
            Kernel.LoopTurn();
            int cursor = AdvanceCursor();
            if (cursor == 0)
            {
                budget = Layout.Slots;
                if (await FlushWithoutLock())
                {
                    VirtualAddress mapped = await PageAddress(page);
                    if (!mapped.IsNull)
                        return mapped;

                    continue;
                }
            }

            if (PkmapCount[cursor] == 0)
                return await MapSlot(cursor, page);

            if (--budget != 0)
                continue;

            await SleepForSlot();
            VirtualAddress address = await RecheckAfterSleep(page);
            if (!address.IsNull)
                return address;

            budget = Layout.Slots;
        }
    }

    /// <summary>
    /// flush_all_zero_pkmaps(); yields whether there was anything to flush, and so whether the lock was dropped.
    /// </summary>
    private async KernelTask<bool> FlushWithoutLock()
    {
        bool needFlush = false;
        for (int slot = 0; slot < Layout.Slots; slot++)
        {
            if (PkmapCount[slot] != 1)
                continue;

            await UnmapSlot(slot);
            needFlush = true;
        }

        if (!needFlush)
            return false;

        // The bug: the slots already have count 0, and the TLBs still have their translations.
        await KmapLock.Release();
        await FlushTlbKernelRange();
        await KmapLock.Acquire();
        return true;
    }
}
