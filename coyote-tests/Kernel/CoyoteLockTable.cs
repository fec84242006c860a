using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>The spin locks: who stops in front of one, what taking it does, and what is wrong with it.</summary>
internal sealed class CoyoteLockTable(CoyoteMachine machine, List<CoyoteSpinLock> locks)
{
    private CoyoteTask Me => machine.CurrentTask;

    public CoyoteSpinLock this[int number] => locks[number];

    public int Acquire(int number, LockContext context)
    {
        CoyoteSpinLock spinLock = locks[number];
        if (spinLock.Owner == Me)
            machine.Report(
                FailureClass.LockMisuse,
                $"{Me} takes {spinLock.Name}, which it holds already: it spins for ever");

        if (StopsAtAcquire(spinLock) || !spinLock.IsFree())
            machine.StandBefore(OperationKind.Acquire, spinLock.IsFree);

        return Take(spinLock, context) ? 1 : 0;
    }

    public bool TryAcquire(int number)
    {
        machine.StandBefore(OperationKind.TryAcquire);
        if (!locks[number].IsFree())
            return false;

        Take(locks[number], LockContext.Plain);
        return true;
    }

    public bool IsLocked(int number) => !locks[number].IsFree();

    public void Release(int number, LockContext context, bool wereIrqsDisabled)
    {
        CoyoteSpinLock spinLock = locks[number];
        if (!spinLock.IsInner || machine.StopsAt(SchedulingPoints.InnerLocks))
            machine.StandBefore(OperationKind.Release);

        if (spinLock.Owner != Me)
            machine.Report(FailureClass.LockMisuse, $"{Me} releases {spinLock.Name}, which {spinLock.Holder}");

        spinLock.Owner = null;
        Me.Locks--;
        Me.PreemptCount -= machine.Options.Preempt ? 1 : 0;
        if (context is LockContext.Irq or LockContext.IrqSave)
            Me.AreIrqsDisabled = context == LockContext.IrqSave && wereIrqsDisabled;
        else if (context == LockContext.BottomHalf)
            Me.PreemptCount -= PreemptCount.SoftirqOffset;
    }

    // An inner lock is no scheduling point where another lock of the same task keeps everybody else out.
    private bool StopsAtAcquire(CoyoteSpinLock spinLock) =>
        !spinLock.IsInner
        || machine.StopsAt(SchedulingPoints.InnerLocks)
        || (machine.StopsAt(SchedulingPoints.UnguardedInnerLocks) && Me.Locks == 0);

    private bool Take(CoyoteSpinLock spinLock, LockContext context)
    {
        bool wereDisabled = Me.AreIrqsDisabled;
        spinLock.Owner = Me;
        Me.Locks++;
        Me.PreemptCount += machine.Options.Preempt ? 1 : 0;
        if (context is LockContext.Irq or LockContext.IrqSave)
            Me.AreIrqsDisabled = true;
        else if (context == LockContext.BottomHalf)
            Me.PreemptCount += PreemptCount.SoftirqOffset;

        return wereDisabled;
    }
}
