using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// The remedy that was proposed in 2002: slots are divided among levels, and who holds a mapping takes its next one
/// from the next level. Who holds one of the last level waits for nothing, so in the end somebody gives back.
/// </summary>
/// <remarks>
/// It holds for pages that tasks do not share: a page that is mapped already keeps its slot, whatever the level of
/// whoever maps it next.
/// </remarks>
[Variant(
    "pool-per-level",
    "slots are divided among two levels of nesting, each with its own wait queue",
    IsBenign = true)]
public sealed class PoolPerLevel<TKernel> : HighMemory<TKernel>
    where TKernel : struct, IKernel
{
    private const int LevelsMax = 2;

    private readonly int _levels;
    private readonly int _slotsEach;
    private readonly WaitQueue<TKernel>[] _waits; // By level.
    private readonly SharedArray<TKernel> _cursors; // By level.
    private readonly MappingsHeld<TKernel> _held;

    /// <summary>As many levels as there can be.</summary>
    public PoolPerLevel(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _levels = Math.Min(LevelsMax, Layout.Slots);
        _slotsEach = Layout.Slots / _levels;
        _waits = new WaitQueue<TKernel>[_levels];
        for (int level = 0; level < _levels; level++)
            _waits[level] = WaitQueue<TKernel>.Create(boot, $"pkmap_level_wait[{level}]");

        _cursors = SharedArray<TKernel>.Create(boot, "last_pkmap_nr_of_level", _levels, KmapLock.Number);
        _held = new MappingsHeld<TKernel>(boot, config.Tasks, KmapLock.Number);
    }

    /// <inheritdoc/>
    public override async KernelTask<VirtualAddress> KmapHigh(Page page)
    {
        await KmapLock.Acquire();
        VirtualAddress address = await PageAddress(page);
        if (address.IsNull)
            address = await MapNewVirtual(page);

        int users = ++PkmapCount[Layout.SlotOf(address)];
        BugOn(users < 2, "kmap:count_below_2");
        _held.Add();
        await KmapLock.Release();
        return address;
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
        _held.Remove();

        int level = slot / _slotsEach;
        bool needWakeup = users == 1 && _waits[level].IsActive;
        await KmapLock.Release();
        if (needWakeup)
            await _waits[level].WakeUp();
    }

    /// <inheritdoc/>
    protected override async KernelTask<VirtualAddress> MapNewVirtual(Page page)
    {
        int level = Math.Min(_held.Mine, _levels - 1);
        while (true)
        {
            int slot = await FindFreeSlot(level);
            if (slot >= 0)
                return await MapSlot(slot, page);

            await Kernel.SetState(TaskState.Uninterruptible);
            await _waits[level].Add();
            await KmapLock.Release();
            await Kernel.Schedule();
            await _waits[level].Remove();
            await KmapLock.Acquire();
            VirtualAddress address = await RecheckAfterSleep(page);
            if (!address.IsNull)
                return address;
        }
    }

    private async KernelTask<int> FindFreeSlot(int level)
    {
        int budget = _slotsEach;
        while (true)
        {
            int cursor = (_cursors[level] + 1) & (_slotsEach - 1);
            _cursors[level] = cursor;
            if (cursor == 0)
            {
                Kernel.LoopTurn();
                await FlushAllZeroPkmaps();
                budget = _slotsEach;
            }

            int slot = (level * _slotsEach) + cursor;
            if (PkmapCount[slot] == 0)
                return slot;

            if (--budget == 0)
                return -1;
        }
    }
}
