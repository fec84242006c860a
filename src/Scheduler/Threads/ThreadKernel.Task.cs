using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Threads;

/// <content>The running task's own: what it may do, what is wrong with it, and what it has done.</content>
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
}
