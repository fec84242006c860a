using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>What kernel code announces, and what each operation does when its turn comes.</content>
public sealed partial class Machine
{
    private const int SoftirqOffset = 1 << 8;

    private const byte GuardedUse = 2;
    private const byte UnguardedUse = 4;

    private readonly bool _fuses;
    private readonly SchedulingPoints _points;
    private readonly int _preemptOffset; // What a spin lock adds to preempt_count.
    private readonly Detector[] _onPteChange = [];
    private readonly Detector[] _onWrongAccess = [];
    private readonly Detector[] _onMaySleep = [];
    private readonly Detector[] _onExit = [];
    private readonly Detector[] _onQuiescent = [];
    private readonly Detector[] _onState = [];

    /// <summary>A context says what it is about to do, and stops in front of it, unless nobody could come between.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Announce(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        if (_isAnnounced)
            throw new InvalidOperationException($"{NameOf(_current)} announced {kind} without having awaited the operation before it");

        Tasks.Announce(_current, kind, target, argument, second);
        _isAnnounced = true;
        return true;
    }

    /// <summary>Operations since the last <see cref="Reset"/> that would have been steps of their own on a machine that does not fuse.</summary>
    internal int FusedOperations { get; private set; }

    /// <summary><see cref="FusedOperations"/> at the moment of the finding.</summary>
    internal int FusedAtFinding { get; private set; }

    /// <summary>Whether a visible operation may happen in the running step, and so be its only one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool FusesVisible()
    {
        if (!_fuses || _isCommitted)
            return false;

        FusedOperations++;
        return true;
    }

    /// <summary>The running step has observed something that others change without a lock.</summary>
    internal void Commit() => _isCommitted = true;

    /// <summary>Performs an operation at once, without a scheduling point in front of it.</summary>
    internal long ExecuteFused(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        long result = Execute(kind, _current, target, argument, second);
        _isCommitted = true;
        Observer?.OnOperation(_current, kind, target, argument, fused: true);
        return result;
    }

    internal int AcquireFused(int spinLock, LockContext context)
    {
        int flags = Acquire(_current, spinLock, context);
        Observer?.OnOperation(_current, OperationKind.Acquire, spinLock, (int)context, fused: true);
        return flags;
    }

    internal void ReleaseFused(int spinLock, LockContext context, int flags)
    {
        Release(_current, spinLock, context, flags);
        if (_isInner[spinLock] == 0)
        {
            FusedOperations++;
            _isCommitted = true;
        }

        Observer?.OnOperation(_current, OperationKind.Release, spinLock, (int)context, fused: true);
    }

    /// <summary>Why steps may not run on through lock sections on this machine, as far as it has been run; null if they may.</summary>
    /// <remarks>A section is as good as atomic only if nobody can look into it without its lock.</remarks>
    internal string? ObstacleToFusion { get; private set; }

    /// <summary>Notes how a marked access without a lock is used; it must not look into other tasks' sections.</summary>
    internal void NoteMarkedAccess(int address)
    {
        if (_fuses && ObstacleToFusion is null && _image.IsGuarded(address))
            ObstacleToFusion = $"{_image.NameOf(address)} is also accessed without its lock";
    }

    internal void NoteTryAcquire(int spinLock)
    {
        if (_fuses)
            ObstacleToFusion ??= $"{_image.NameOf(spinLock)} is also tried, which sees whether it is held";
    }

    /// <summary>Takes over what another machine of the same image has seen of its inner locks.</summary>
    internal void ShareInnerUses(Machine other)
    {
        for (int address = 0; address < _isInner.Length; address++)
        {
            _isInner[address] |= other._isInner[address];
            NoteBothUses(address);
        }
    }

    // An inner lock that is taken inside other locks' sections lets whoever takes it alone look into them.
    private void NoteInnerUse(int spinLock)
    {
        _isInner[spinLock] |= Tasks.Locks(_current) == 0 ? UnguardedUse : GuardedUse;
        NoteBothUses(spinLock);
    }

    private void NoteBothUses(int spinLock)
    {
        if ((_isInner[spinLock] & (GuardedUse | UnguardedUse)) == (GuardedUse | UnguardedUse))
            ObstacleToFusion ??= $"{_image.NameOf(spinLock)} is taken inside other locks, and alone";
    }

    internal bool IsAcquireFused(int spinLock)
    {
        if (_isInner[spinLock] == 0)
            return false;

        if (_fuses)
            NoteInnerUse(spinLock);

        bool stops = (_points & SchedulingPoints.InnerLocks) != 0
            || ((_points & SchedulingPoints.UnguardedInnerLocks) != 0 && Tasks.Locks(_current) == 0);
        return !stops && Memory[spinLock] == 0;
    }

    internal bool IsReleaseFused(int spinLock) =>
        _isInner[spinLock] != 0 ? (_points & SchedulingPoints.InnerLocks) == 0 : _fuses;

    internal bool IsSetStateFused() =>
        (_points & SchedulingPoints.State) == 0
        && ((_points & SchedulingPoints.VisibleState) == 0 || Tasks.Queues(_current) == 0);

    /// <summary>Nobody can see the state of a task that is on no queue.</summary>
    internal void SetStateFused(TaskState state)
    {
        Tasks.SetState(_current, state);
        Observer?.OnOperation(_current, OperationKind.SetState, 0, (int)state, fused: true);
    }

    internal bool IsFlushFused() => (_points & SchedulingPoints.TlbFlush) == 0;

    internal bool IsCpuAlone() => _image.IsPinned;

    internal void CheckSelfDeadlock(int spinLock)
    {
        if (Memory[spinLock] == _current + 1 && _image.Options.ChecksLocks)
        {
            Report(
                FailureClass.LockMisuse,
                $"{NameOf(_current)} takes {_image.NameOf(spinLock)}, which it holds already: it spins for ever\n  in {RunningChain()}");
        }
    }

    internal void CheckAccess(int address, int guard)
    {
        if (guard >= 0 && Memory[guard] != _current + 1)
            ReportRace(address, guard);
    }

    internal void SetPte(int page, PageFrame frame)
    {
        int guard = Mmu.GuardOf(page);
        CheckAccess(Mmu.EntryAddress(page), guard);
        PageFrame before = Mmu.Entry(page);
        foreach (Detector detector in _onPteChange)
            detector.OnPteChange(this, new VirtualPage(page), before, frame);

        Mmu.SetEntry(page, frame);
    }

    internal void MaySleep(string function)
    {
        foreach (Detector detector in _onMaySleep)
            detector.OnMaySleep(this, _current, function);
    }

    internal void Bug(string code)
    {
        Observer?.OnBug(_current, code);
        Report(FailureClass.BugOn, $"kernel BUG at {code} in {NameOf(_current)}\n  in {RunningChain()}");
        throw new KernelBugException(code);
    }

    internal void LoopTurn()
    {
        if (++_loopTurns > _image.Options.LoopTurnsMax)
            throw new KernelLivelockException(_image.Options.LoopTurnsMax);
    }

    internal void FinishOperation()
    {
        OperationsDone++;
        Observer?.OnOperationDone(_current);
    }

    /// <summary>The call chain of the code that runs right now, as one line.</summary>
    internal string RunningChain() => string.Join(" <- ", KernelCallChain.OfRunning(_stacks[_current]));

    private Detector[] Subscribers(MachineEvents events) =>
        [.. _image.Detectors.Where(detector => (detector.Events & events) != 0)];

    private long Execute(OperationKind kind, int context, int target, int argument, int second)
    {
        switch (kind)
        {
            case OperationKind.Acquire:
                return Acquire(context, target, (LockContext)argument);
            case OperationKind.TryAcquire:
                if (Memory[target] != 0)
                    return 0;

                Acquire(context, target, LockContext.Plain);
                return 1;
            case OperationKind.Release:
                Release(context, target, (LockContext)argument, second);
                return 0;
            case OperationKind.SetState:
                Tasks.SetState(context, (TaskState)argument);
                return 0;
            case OperationKind.Enqueue:
                if (!Queues.Add(target, context, argument != 0))
                    Report(FailureClass.BugOn, $"{NameOf(context)} adds its wait entry to {_image.NameOf(target)} while it is still linked: the list is corrupt");

                return 0;
            case OperationKind.Dequeue:
                if (!Queues.Remove(target, context))
                    Report(FailureClass.BugOn, $"{NameOf(context)} removes its wait entry from {_image.NameOf(target)}, where it is not: the list is corrupt");

                return 0;
            case OperationKind.QueueTest:
                return Queues.Count(target) > 0 ? 1 : 0;
            case OperationKind.WakeUp:
                Observer?.OnCount(KernelEvent.WakeCall);
                Queues.WakeUp(this, target, argument);
                return 0;
            case OperationKind.FlushTlbAll:
                Mmu.FlushAll();
                return 0;
            case OperationKind.Load:
                return Access(context, target, argument, null);
            case OperationKind.Store:
                return Access(context, target, argument, second);
            case OperationKind.ReadOnce:
                return Memory[target];
            case OperationKind.WriteOnce:
                Memory[target] = argument;
                return 0;
            case OperationKind.FetchAdd:
                Memory[target] += argument;
                return Memory[target] - argument;
            case OperationKind.CompareExchange:
                if (Memory[target] != argument)
                    return 0;

                Memory[target] = second;
                return 1;
            case OperationKind.Schedule or OperationKind.Resume or OperationKind.Await
                or OperationKind.InterruptWindow or OperationKind.PreemptCheck:
                return 0;
            default:
                throw new InvalidOperationException($"{NameOf(context)} stands in front of {kind}, which is no operation");
        }
    }

    private int Acquire(int context, int spinLock, LockContext lockContext)
    {
        Memory[spinLock] = context + 1;
        Tasks.AddLocks(context, 1);
        Tasks.AddPreemptCount(context, _preemptOffset);

        if (lockContext == LockContext.Plain)
            return 0;

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

    private long Access(int context, int place, int intended, int? stored)
    {
        bool isMapped = place < Mmu.Pages;
        PageFrame entry = isMapped ? Mmu.Entry(place) : new PageFrame(place - Mmu.Pages);
        PageFrame reached = Mmu.Translate(Tasks.Cpu(context), place);
        if (reached.Number != intended || entry.Number != intended)
        {
            VirtualAddress address = isMapped ? Mmu.AddressOf(place) : MmuTable.LowAddress(reached);
            var access = new MemoryAccess(context, address, new PageFrame(intended), reached, entry);
            foreach (Detector detector in _onWrongAccess)
                detector.OnWrongAccess(this, access);
        }

        if (reached.IsNone)
            return 0; // A page fault; the detectors have said so.

        ref int contents = ref Mmu.ContentsAt(reached);
        if (stored is { } value)
            contents = value;

        return contents;
    }

    private void ReportRace(int address, int guard)
    {
        Report(
            FailureClass.DataRace,
            $"{NameOf(_current)} accesses {_image.NameOf(address)} without {_image.NameOf(guard)}, which {Holder(guard)}\n  in {RunningChain()}");
    }

    private string Holder(int spinLock) => Memory[spinLock] == 0 ? "nobody holds" : $"{NameOf(Memory[spinLock] - 1)} holds";
}
