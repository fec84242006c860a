using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>
/// What the running task may do, the pages that it reaches, what is wrong with it, and what it has done.
/// </content>
public readonly unsafe partial struct ThreadKernel<TMode>
{
    /// <inheritdoc/>
    public void AddPreemptCount(int delta) => Current!.Record.PreemptCount += delta;

    /// <inheritdoc/>
    public void AddPreemptCountIfPreemptible(int delta)
    {
        if (_machine.Options.Preempt)
            AddPreemptCount(delta);
    }

    /// <inheritdoc/>
    public KernelStep PreemptCheckResched() => KernelStep.Done;

    /// <inheritdoc/>
    public bool SetIrqsDisabled(bool disabled)
    {
        ref TaskRecord record = ref Current!.Record;
        bool before = record.IrqsDisabled;
        record.IrqsDisabled = disabled;
        return before;
    }

    /// <inheritdoc/>
    public void MightSleep()
    {
        if (TMode.Checks)
            _machine.CheckMaySleep("might_sleep");
    }

    /// <inheritdoc/>
    public void Bug(string code) => _machine.Bug(code);

    /// <inheritdoc/>
    public void Fail(FailureClass failure, string message) => _machine.Fail(failure, message);

    /// <inheritdoc/>
    public void LoopTurn()
    {
        if (TMode.Checks)
            _machine.LoopTurn();
    }

    /// <inheritdoc/>
    public void OperationDone()
    {
        ref TaskRecord record = ref Current!.Record;
        record.Operations++;
        record.IsWokenInVain = false;
        _machine.LeaveIfStopping();
    }

    /// <inheritdoc/>
    public void Count(KernelEvent what)
    {
        if (Current is not { } task)
            return;

        if (what == KernelEvent.Sweep)
            task.Record.Sweeps++;
        else if (what == KernelEvent.TlbFlushAll)
            task.Record.Flushes++;
    }

    /// <inheritdoc/>
    public void SetPte(VirtualPage page, PageFrame frame)
    {
        if (TMode.Checks)
            _machine.Paging.SetEntryChecked(page.Index, frame);
        else
            _machine.Paging.SetEntry(page.Index, frame);
    }

    /// <inheritdoc/>
    public PageFrame GetPte(VirtualPage page) => Recording is null || Current is not { } task
        ? _machine.Paging.Entry(page.Index)
        : _machine.Paging.Look(task, page.Index);

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
