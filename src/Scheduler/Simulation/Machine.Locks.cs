using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// Spin locks: taking and releasing them, with what that does to interrupts and preemption; which sections may be
/// fused.
/// </content>
public sealed partial class Machine
{
    private readonly bool _tracksLockUse;

    internal int AcquireFused(int spinLock, LockContext context)
    {
        ShowPlainAccess();
        int flags = Acquire(_current, spinLock, context);
        Observer?.OnOperation(_current, new PerformedOperation(OperationKind.Acquire, spinLock, (int)context, IsFused: true));
        return flags;
    }

    internal void ReleaseFused(int spinLock, LockContext context, int flags)
    {
        ShowPlainAccess();
        if (_isWatched is not null)
            EndPlainAccesses();

        bool isOuter = _isInner[spinLock] == 0;
        if (isOuter)
            FusedOperations++; // Before it happens: what it shows is shown by it.

        Release(_current, spinLock, context, flags);

        // An inner lock under another is that one's; alone it ends a section, and what comes next is not part of it.
        if (isOuter || Tasks.Locks(_current) == 0)
        {
            _fusionWatch?.NoteWrites();
            _isCommitted = true;
            _hasReleased = true;
        }

        Observer?.OnOperation(_current, new PerformedOperation(OperationKind.Release, spinLock, (int)context, flags, IsFused: true));
    }

    internal bool IsAcquireFused(int spinLock)
    {
        if (_isInner[spinLock] == 0)
            return false;

        if (_fuses)
            _fusionWatch!.NoteInnerLock(spinLock);

        bool stops = (_points & SchedulingPoints.InnerLocks) != 0
            || ((_points & SchedulingPoints.UnguardedInnerLocks) != 0 && Tasks.Locks(_current) == 0);
        return !stops && Memory[spinLock] == 0;
    }

    internal bool IsReleaseFused(int spinLock) =>
        _isInner[spinLock] != 0 ? (_points & SchedulingPoints.InnerLocks) == 0 : _fuses && !_isBeginning;

    /// <summary>
    /// Whether a lock's variant has to be armed in a step of its own. Without CONFIG_PREEMPT spin_lock_irq spins with
    /// interrupts off, and spin_lock_bh with bottom halves off; all others spin as they were called
    /// (kernel/spinlock.c).
    /// </summary>
    internal bool IsArmedBeforeSpinning(LockContext context) =>
        !_image.IsPinned && !_image.Options.Preempt && context is LockContext.Irq or LockContext.BottomHalf;

    internal void CheckSelfDeadlock(int spinLock)
    {
        if (Memory[spinLock] == 0 || !_image.Options.ChecksLocks)
            return;

        int holder = Memory[spinLock] - 1;
        if (holder == _current)
        {
            Report(
                FailureClass.LockMisuse,
                $"{NameOf(_current)} takes {_image.NameOf(spinLock)}, which it holds already: it spins for ever\n  in {RunningChain()}");
        }
        else if (_current >= Tasks.Count && RunsOnTopOf(holder))
        {
            Report(
                FailureClass.LockMisuse,
                $"{NameOf(_current)} takes {_image.NameOf(spinLock)}, which {NameOf(holder)} holds, whom it has interrupted: it spins for ever\n  in {RunningChain()}");
        }
    }

    /// <summary>The first step of a lock that is armed before it is spun for.</summary>
    private void Arm(int context)
    {
        var lockContext = (LockContext)Tasks.Argument(context);
        if (lockContext == LockContext.BottomHalf)
            Tasks.AddPreemptCount(context, SoftirqOffset);
        else
            Cpus.SetIrqsDisabled(Tasks.Cpu(context), true);

        Tasks.Announce(context, OperationKind.Acquire, Tasks.Target(context), (int)lockContext, second: 1);
    }

    private int Acquire(int context, int spinLock, LockContext lockContext, bool isArmed = false)
    {
        Memory[spinLock] = context + 1;
        Tasks.AddLocks(context, 1);
        Tasks.AddPreemptCount(context, _preemptOffset);
        int flags = lockContext == LockContext.Plain || isArmed ? 0 : Disable(context, lockContext);
        if (_tracksLockUse)
            NoteLockUse(context, spinLock);

        return flags;
    }

    private int Disable(int context, LockContext lockContext)
    {
        if (lockContext == LockContext.BottomHalf)
        {
            Tasks.AddPreemptCount(context, SoftirqOffset);
            return 0;
        }

        int cpu = Tasks.Cpu(context);
        bool wereDisabled = Cpus.IrqsDisabled(cpu);
        Cpus.SetIrqsDisabled(cpu, true);
        return wereDisabled ? 1 : 0;
    }

    private void Release(int context, int spinLock, LockContext lockContext, int flags)
    {
        if (Memory[spinLock] != context + 1 && _image.Options.ChecksLocks)
        {
            Report(FailureClass.LockMisuse, $"{NameOf(context)} releases {_image.NameOf(spinLock)}, which {Holder(spinLock)}");
            return;
        }

        Memory[spinLock] = 0;
        Tasks.AddLocks(context, -1);
        if (lockContext is LockContext.Irq or LockContext.IrqSave)
            Cpus.SetIrqsDisabled(Tasks.Cpu(context), lockContext == LockContext.IrqSave && flags != 0);
        else if (lockContext == LockContext.BottomHalf)
            Tasks.AddPreemptCount(context, -SoftirqOffset);

        Tasks.AddPreemptCount(context, -_preemptOffset);
    }

    /// <summary>
    /// A lock that interrupt handlers take must never be held while such an interrupt can come: the handler would spin
    /// for ever on top of the holder. The two uses need not meet in this execution to be wrong together.
    /// </summary>
    private void NoteLockUse(int context, int spinLock)
    {
        ref int uses = ref Memory[spinLock + 1];
        uses |= (int)UseBy(context);
        var seen = (LockUses)uses;
        if (!_image.Options.ChecksLocks)
            return;

        bool isHard = (seen & (LockUses.InHardIrq | LockUses.HardIrqsOn)) == (LockUses.InHardIrq | LockUses.HardIrqsOn);
        bool isSoft = (seen & (LockUses.InSoftIrq | LockUses.SoftIrqsOn)) == (LockUses.InSoftIrq | LockUses.SoftIrqsOn);
        if (isHard || isSoft)
        {
            string kind = isHard ? "hard" : "soft";
            Report(
                FailureClass.LockMisuse,
                $"{_image.NameOf(spinLock)} is taken in {kind} interrupts, and elsewhere while such an interrupt may come\n  second by {NameOf(context)} in {RunningChain()}");
        }
    }

    private LockUses UseBy(int context)
    {
        InterruptKind? handler = KindOf(context);
        if (handler == InterruptKind.Hard)
            return LockUses.InHardIrq;

        LockUses uses = handler == InterruptKind.Soft ? LockUses.InSoftIrq : LockUses.None;
        if (Cpus.IrqsDisabled(Tasks.Cpu(context)))
            return uses;

        return uses | LockUses.HardIrqsOn | (IsInInterrupt(Tasks.PreemptCount(context)) ? LockUses.None : LockUses.SoftIrqsOn);
    }

    private string Holder(int spinLock) => Memory[spinLock] == 0 ? "nobody holds" : $"{NameOf(Memory[spinLock] - 1)} holds";

    [Flags]
    private enum LockUses
    {
        None = 0,
        InHardIrq = 1,
        HardIrqsOn = 2,
        InSoftIrq = 4,
        SoftIrqsOn = 8,
    }
}
