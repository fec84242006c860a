using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads;

/// <content>The page table and what is reached through it.</content>
public readonly unsafe partial struct ThreadKernel<TMode>
{
    /// <inheritdoc/>
    public void SetPte(VirtualPage page, PageFrame frame) =>
        _machine.Paging.SetEntry(page.Index, frame, TMode.Checks);

    /// <inheritdoc/>
    public PageFrame GetPte(VirtualPage page) => _machine.Paging.Entry(page.Index);

    /// <inheritdoc/>
    public bool IsCached(VirtualPage page) => false;

    /// <inheritdoc/>
    public KernelStep FlushTlbAll()
    {
        Begin();
        Count(KernelEvent.TlbFlushAll);
        Recording?.Add(Current!, OperationKind.FlushTlbAll, 0, 0, 0);
        _machine.Paging.Real?.FlushAll();
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public void FlushTlbOne(VirtualPage page) => _machine.Paging.Real?.FlushOne(page.Index);

    /// <inheritdoc/>
    public void FlushTlbLocal()
    {
    }

    /// <inheritdoc/>
    public void ReleaseSlot(VirtualPage page)
    {
        if (TMode.Checks)
            _machine.Paging.ReleaseSlot(page.Index);
    }

    /// <inheritdoc/>
    public KernelStep<int> Load(VirtualAddress address, PageFrame intended)
    {
        Begin();
        return KernelStep<int>.Done(_machine.Paging.Load(address, intended, TMode.Checks));
    }

    /// <inheritdoc/>
    public KernelStep Store(VirtualAddress address, PageFrame intended, int value)
    {
        Begin();
        _machine.Paging.Store(address, intended, value, TMode.Checks);
        return KernelStep.Done;
    }
}
