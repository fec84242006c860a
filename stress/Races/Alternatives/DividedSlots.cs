using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// The port with its slots in groups of one size: each group has a cursor and a wait queue of its own.
/// </summary>
public abstract partial class DividedSlots<TKernel> : HighMemory<TKernel>
    where TKernel : struct, IKernel
{
    private readonly WaitQueue<TKernel>[] _waits; // By group.
    private readonly SharedArray<TKernel> _cursors; // By group, the place in it that the last search stopped at.

    /// <summary>As many groups as are wanted, if there are so many slots.</summary>
    /// <param name="boot">Where it is made.</param>
    /// <param name="config">What it is built for.</param>
    /// <param name="groupsMax">The groups that are wanted: a power of two.</param>
    /// <param name="waitName">The name of the wait queues.</param>
    /// <param name="cursorName">The name of the cursors.</param>
    private protected DividedSlots(
        IKernelBoot<TKernel> boot, KmapConfig config, int groupsMax, string waitName, string cursorName)
        : base(boot, config)
    {
        Groups = Math.Min(groupsMax, Layout.Slots);
        _waits = new WaitQueue<TKernel>[Groups];
        for (int group = 0; group < Groups; group++)
            _waits[group] = WaitQueue<TKernel>.Create(boot, $"{waitName}[{group}]");

        _cursors = SharedArray<TKernel>.Create(boot, cursorName, Groups, KmapLock.Number);
    }

    /// <summary>Number of groups.</summary>
    protected int Groups { get; }

    /// <summary>Slots of a group.</summary>
    protected int SlotsEach => Layout.Slots / Groups;

    /// <summary>The group that the running task looks in for a slot for a page.</summary>
    protected abstract int GroupFor(Page page);

    /// <summary>The group that a slot belongs to.</summary>
    protected abstract int GroupOf(int slot);

    /// <summary>The slot at a place in a group.</summary>
    protected abstract int SlotAt(int group, int place);

    /// <inheritdoc/>
    protected override async KernelTask<int> FindFreeSlot(Page page)
    {
        int group = GroupFor(page);
        int budget = SlotsEach;
        while (true)
        {
            int place = (_cursors[group] + 1) & (SlotsEach - 1);
            _cursors[group] = place;
            if (place == 0)
            {
                Kernel.LoopTurn();
                await FlushAllZeroPkmaps();
                budget = SlotsEach;
            }

            int slot = SlotAt(group, place);
            if (PkmapCount[slot] == 0)
                return slot;

            if (--budget == 0)
                return -1;
        }
    }

    /// <inheritdoc/>
    protected override async KernelTask SleepForSlot(Page page)
    {
        int group = GroupFor(page);
        await Kernel.SetState(TaskState.Uninterruptible);
        await _waits[group].Add();
        await UnlockKmap();
        await Kernel.Schedule();
        await _waits[group].Remove();
        await LockKmap();
    }

    /// <inheritdoc/>
    protected override int WhomToWake(int slot, int users)
    {
        int group = GroupOf(slot);
        return users == 1 && _waits[group].IsActive ? group + 1 : 0;
    }

    /// <inheritdoc/>
    protected override KernelTask Wake(int whom) => _waits[whom - 1].WakeUp();
}
