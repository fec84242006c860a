using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Races.Alternatives;

/// <summary>
/// No more tasks hold mappings at once than can all have two: one of them always gets its second, and gives both back.
/// </summary>
/// <remarks>
/// Tasks * (depth - 1) &lt; slots is what keeps nested mappings from a deadlock, so with a depth of 2 one task less
/// than there are slots is admitted. Who holds a mapping is never asked again.
/// </remarks>
[Variant(
    "admission",
    "a task's first mapping waits until so few tasks hold mappings that each can have a second one",
    IsBenign = true)]
public sealed partial class Admission<TKernel> : HighMemory<TKernel>
    where TKernel : struct, IKernel
{
    private const int Depth = 2;
    private const int Outside = 2; // Of those to wake.

    private readonly int _admittedMax;
    private readonly WaitQueue<TKernel> _outside;
    private readonly Shared<TKernel> _admitted; // Tasks that hold mappings, or are about to.
    private readonly MappingsHeld<TKernel> _held;

    /// <summary>Nobody is admitted yet.</summary>
    public Admission(IKernelBoot<TKernel> boot, KmapConfig config)
        : base(boot, config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _admittedMax = Math.Max((Layout.Slots - 1) / (Depth - 1), 1);
        _outside = WaitQueue<TKernel>.Create(boot, "kmap_admission");
        _admitted = Shared<TKernel>.Create(boot, "kmap_admitted", KmapLock.Number);
        _held = new MappingsHeld<TKernel>(boot, config.Tasks, KmapLock.Number);
    }

    /// <inheritdoc/>
    public override async KernelTask<VirtualAddress> KmapHigh(Page page)
    {
        await KmapLock.Acquire();
        if (_held.Mine == 0)
        {
            while (_admitted.Value >= _admittedMax)
                await WaitOutside();

            _admitted.Value++;
        }

        _held.Add();
        VirtualAddress address = await PageAddress(page);
        if (address.IsNull)
            address = await MapNewVirtual(page);

        int users = AddUser(Layout.SlotOf(address));
        BugOn(users < 2, "kmap:count_below_2");
        await KmapLock.Release();
        return address;
    }

    /// <inheritdoc/>
    protected override int WhomToWake(int slot, int users)
    {
        bool leaves = _held.Remove() && _held.Mine == 0;
        if (leaves)
            _admitted.Value--;

        return base.WhomToWake(slot, users) | (leaves && _outside.IsActive ? Outside : 0);
    }

    /// <inheritdoc/>
    protected override async KernelTask Wake(int whom)
    {
        if ((whom & ~Outside) != 0)
            await WakeSleepers();

        // One goes in for one that leaves, and whoever is woken goes in or finds that another has.
        if ((whom & Outside) != 0)
            await _outside.WakeUp();
    }

    // A place that became free before this task slept is seen, as the count is looked at under kmap_lock.
    private async KernelTask WaitOutside()
    {
        await Kernel.SetState(TaskState.Uninterruptible);
        await _outside.AddExclusive();
        await KmapLock.Release();
        await Kernel.Schedule();
        await _outside.Remove();
        await KmapLock.Acquire();
    }
}
