using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// A page goes into a slot of its own colour, as caches that are looked up by virtual address want it, and each colour
/// has a cursor and a wait queue (Linux 3.17, get_pkmap_color). Fewer are woken that have no use for the slot.
/// </summary>
[Variant(
    "queue-per-colour",
    "pages and slots have one of two colours, and each colour has its own cursor and wait queue",
    IsBenign = true)]
public sealed class QueuePerColour<TKernel> : HighMemory<TKernel>
    where TKernel : struct, IKernel
{
    private const int ColoursMax = 2;

    private readonly int _colours;
    private readonly WaitQueue<TKernel>[] _waits;
    private readonly SharedArray<TKernel> _lastPkmapNr; // By colour, the slot of colour 0 that the search stopped at.

    /// <summary>As many colours as there can be.</summary>
    public QueuePerColour(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config)
    {
        _colours = Math.Min(ColoursMax, Layout.Slots);
        _waits = new WaitQueue<TKernel>[_colours];
        for (int colour = 0; colour < _colours; colour++)
            _waits[colour] = WaitQueue<TKernel>.Create(boot, $"pkmap_map_wait_arr[{colour}]");

        _lastPkmapNr = SharedArray<TKernel>.Create(boot, "last_pkmap_nr_arr", _colours, KmapLock.Number);
    }

    /// <inheritdoc/>
    public override async KernelTask KunmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        BugOn(address.IsNull, "kunmap:not_mapped");

        int slot = Layout.SlotOf(address);
        int users = --PkmapCount[slot];
        BugOn(users == 0, "kunmap:count_zero");

        int colour = slot % _colours;
        bool needWakeup = users == 1 && _waits[colour].IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await _waits[colour].WakeUp();
    }

    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapNewVirtual(Page page)
    {
        int colour = page.Number % _colours;
        while (true)
        {
            int slot = await FindFreeSlot(colour);
            if (slot >= 0)
                return await MapSlot(slot, page);

            await Kernel.SetState(TaskState.Uninterruptible);
            await _waits[colour].Add();
            await KmapLock.Release();
            await Kernel.Schedule();
            await _waits[colour].Remove();
            await KmapLock.Acquire();
            VirtualAddress address = await RecheckAfterSleep(page);
            if (!address.IsNull)
                return address;
        }
    }

    private async KernelTask<int> FindFreeSlot(int colour)
    {
        int budget = Layout.Slots / _colours;
        while (true)
        {
            int first = (_lastPkmapNr[colour] + _colours) & Layout.Mask;
            _lastPkmapNr[colour] = first;
            if (first == 0)
            {
                Kernel.LoopTurn();
                await FlushAllZeroPkmaps();
                budget = Layout.Slots / _colours;
            }

            if (PkmapCount[first + colour] == 0)
                return first + colour;

            if (--budget == 0)
                return -1;
        }
    }
}
