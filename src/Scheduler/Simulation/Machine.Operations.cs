using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>What kernel code announces, and what each operation does when its turn comes.</content>
public sealed partial class Machine
{
    private readonly bool _fuses;
    private readonly FusionWatch? _fusionWatch; // Null on a machine that does not fuse.
    private readonly bool _judgesUnguarded; // Accesses of words that no lock guards matter here.
    private readonly SchedulingPoints _points;
    private readonly int _preemptOffset; // What a spin lock adds to preempt_count.
    private readonly Detector[] _onPteChange = [];
    private readonly Detector[] _onWrongAccess = [];
    private readonly Detector[] _onAccess = [];
    private readonly Detector[] _onMaySleep = [];
    private readonly Detector[] _onExit = [];
    private readonly Detector[] _onSlotRelease = [];
    private readonly Detector[] _onQuiescent = [];
    private readonly Detector[] _onState = [];

    /// <summary>
    /// A context says what it is about to do, and stops in front of it, unless nobody could come between.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Announce(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        if (_isAnnounced)
            throw NotAwaited($"is about to do {kind}");

        if (_isWatched is not null)
            SettlePlainAccesses();

        Tasks.Announce(_current, kind, target, argument, second);
        _isAnnounced = true;
    }

    /// <summary>An operation was announced, and the task goes on as if it had been awaited.</summary>
    private KernelMisuseException NotAwaited(string next) => new(
        $"{NameOf(_current)} ({NameAtSpawn(_current)}) {next} without having awaited the {Tasks.Operation(_current)} before it"
        + $"{(RunningChain() is { Length: > 0 } chain ? $" (in {chain})" : "")}: await every step at once, and let a task's body be an async method");

    private KernelMisuseException AwaitedAgain() => new(
        $"{NameOf(_current)} ({NameAtSpawn(_current)}) awaits a step a second time (in {string.Join(" <- ", CallChain(_current))}): "
        + "await each step where it is made, and only once");

    private string NameAtSpawn(int context) => context < Tasks.Count
        ? _image.Tasks[context].Name
        : _image.Interrupts[(context - Tasks.Count) / Cpus.Count].Name;

    /// <summary>
    /// Operations since the last <see cref="Reset"/> that would have been steps of their own on a machine that does not
    /// fuse.
    /// </summary>
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

    /// <summary>
    /// Looks at a wait queue without an operation: the one visible thing of the running step, if it still may be, or
    /// part of the operation before.
    /// </summary>
    internal bool LookAtQueue(int queue)
    {
        if (_hasReleased)
            _fusionWatch?.NotePlain(queue);

        _isCommitted = true;
        bool isActive = Queues.Count(queue) > 0;
        if (Observer is not null && _isStepping)
        {
            Observer.OnPlainAccess(_current);
            Observer.OnOperation(_current, new PerformedOperation(OperationKind.QueueTest, queue, 0, 0, isActive ? 1 : 0, IsFused: true));
        }

        return isActive;
    }

    /// <summary>Performs an operation at once, without a scheduling point in front of it.</summary>
    internal long ExecuteFused(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        ShowPlainAccess();
        if (_isWatched is not null)
            EndPlainAccesses();

        _fusionWatch?.NoteWrites();
        long result = Execute(kind, _current, target, argument, second);
        _isCommitted = true;
        Observer?.OnOperation(_current, new PerformedOperation(kind, target, argument, second, result, IsFused: true));
        return result;
    }

    /// <summary>Watches the accesses on a machine that fuses; null on others.</summary>
    internal FusionWatch? FusionWatch => _fusionWatch;

    /// <summary>
    /// Why steps may not run on through lock sections on this machine, as far as it has been run; null if they may.
    /// </summary>
    internal string? ObstacleToFusion => _fusionWatch?.Obstacle;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteMarkedAccess(int address) => _fusionWatch?.NoteMarked(address);

    /// <summary>The innermost function that the running context is in.</summary>
    internal string RunningFunction() => RunningChain().Split(" <- ")[0];

    internal bool IsSetStateFused() =>
        (_points & SchedulingPoints.State) == 0
        && ((_points & SchedulingPoints.VisibleState) == 0 || Tasks.Queues(_current) == 0);

    /// <summary>Nobody can see the state of a task that is on no queue.</summary>
    internal void SetStateFused(TaskState state)
    {
        ShowPlainAccess();
        SetState(_current, state);
        Observer?.OnOperation(_current, new PerformedOperation(OperationKind.SetState, 0, (int)state, IsFused: true));
    }

    internal bool IsFlushFused() => (_points & SchedulingPoints.TlbFlush) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckAccess(int address, int guard)
    {
        ShowPlainAccess();
        bool isFine = guard >= 0
            ? Memory[guard] == _current + 1 && (_fusionWatch is null || _isInner[guard] == 0)
            : !_isStepping || (!_judgesUnguarded && guard != Protection.Marked); // Who does not step looks from outside.
        if (!isFine)
            JudgeAccess(address, guard);
    }

    private void JudgeAccess(int address, int guard)
    {
        if (guard >= 0)
        {
            if (Memory[guard] != _current + 1)
                ReportRace(address, guard);
            else if (_fusionWatch is not null && _isInner[guard] != 0)
                _fusionWatch.NotePlain(address);

            return;
        }

        _fusionWatch?.NotePlain(address);
        if (_isWatched is not null || guard == Protection.Marked)
            NotePlainAccess(address, guard);
    }

    /// <summary>Tells who watches closely that the running code is about to touch kernel memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ShowPlainAccess()
    {
        if (Observer is not null && _isStepping)
            Observer.OnPlainAccess(_current);
    }

    internal void SetPte(int page, PageFrame frame)
    {
        ShowPlainAccess();
        int guard = Mmu.GuardOf(page);
        if (guard >= 0)
            CheckAccess(Mmu.EntryAddress(page), guard);

        _fusionWatch?.NoteEntry(page, Mmu.EntryAddress(page), isWrite: true);
        PageFrame before = Mmu.Entry(page);
        foreach (Detector detector in _onPteChange)
            detector.OnPteChange(new MachineView(this), new VirtualPage(page), before, frame);

        Mmu.SetEntry(page, frame);
    }

    internal void MaySleep(string function)
    {
        if (!IsInAtomic(_current))
            return;

        foreach (Detector detector in _onMaySleep)
            detector.OnMaySleep(new MachineView(this), _current, function);
    }

    internal void ReleaseSlot(VirtualPage page)
    {
        foreach (Detector detector in _onSlotRelease)
            detector.OnSlotRelease(new MachineView(this), page);
    }

    internal void Bug(string code)
    {
        Observer?.OnBug(_current, code);
        Report(FailureClass.BugOn, $"kernel BUG at {code} in {NameOf(_current)}\n  in {RunningChain()}");
        throw new KernelBugException(code);
    }

    /// <summary>An access of an address that nothing is ever mapped at: the task dies where it stands.</summary>
    internal void FaultAt(VirtualAddress address, PageFrame intended)
    {
        string code = $"page_fault:{address}";
        Observer?.OnBug(_current, code);
        Report(
            FailureClass.UseAfterUnmap,
            $"{NameOf(_current)} uses {address} for page {intended.Number}, which is not mapped there: page fault\n  in {RunningChain()}");
        throw new KernelBugException(code);
    }

    /// <summary>
    /// The call chain of the running context, as the second line of a message; nothing if nobody runs.
    /// </summary>
    internal string WhereItFails() => _isStepping && RunningChain() is { Length: > 0 } chain ? $"\n  in {chain}" : "";

    internal void LoopTurn()
    {
        if (++_loopTurns > _image.Options.LoopTurnsMax)
            throw new KernelLivelockException(_image.Options.LoopTurnsMax);
    }

    internal void FinishOperation()
    {
        OperationsDone++;
        Progress++;
        Observer?.OnOperationDone(_current);
    }

    /// <summary>
    /// The call chain of the context that runs right now, or whose pending operation is being performed, as one line.
    /// </summary>
    internal string RunningChain() =>
        string.Join(" <- ", _stacks[_current].IsDone ? KernelCallChain.OfRunning(_stacks[_current], NameAtSpawn(_current)) : CallChain(_current));

    private Detector[] Subscribers(MachineEvents events) =>
        [.. _image.Detectors.Where(detector => (detector.Events & events) != 0)];

    private long Execute(OperationKind kind, int context, int target, int argument, int second)
    {
        switch (kind)
        {
            case OperationKind.Acquire:
                return Acquire(context, target, (LockContext)argument, isArmed: second != 0);
            case OperationKind.TryAcquire:
                if (Memory[target] != 0)
                    return 0;

                Acquire(context, target, LockContext.Plain);
                return 1;
            case OperationKind.Release:
                Release(context, target, (LockContext)argument, second);
                return 0;
            case OperationKind.SetState:
                SetState(context, (TaskState)argument);
                return 0;
            case OperationKind.Enqueue:
                if (context >= Tasks.Count)
                    Report(FailureClass.SleepInAtomic, $"{NameOf(context)} joins {_image.NameOf(target)}, but an interrupt cannot sleep");
                else if (!Queues.Add(target, context, argument != 0))
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
            case OperationKind.CompareExchangeOld:
                return CompareExchangeOld(target, argument, second);
            case OperationKind.Exchange:
                return ExchangeWord(target, argument);
            case OperationKind.Schedule or OperationKind.Resume or OperationKind.Await
                or OperationKind.InterruptWindow or OperationKind.PreemptCheck or OperationKind.AwaitShootdown:
                return 0;
            default:
                throw new InvalidOperationException($"{NameOf(context)} stands in front of {kind}, which is no operation");
        }
    }

    private void ThrowNoSuchFrame(PageFrame frame) => throw new UsageException(
        $"{NameOf(_current)} uses page frame {frame.Number}, which does not exist: the scenario has {Mmu.Frames}");

    private int CompareExchangeOld(int address, int expected, int value)
    {
        int old = Memory[address];
        if (old == expected)
            Memory[address] = value;

        return old;
    }

    private int ExchangeWord(int address, int value)
    {
        int old = Memory[address];
        Memory[address] = value;
        return old;
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
                detector.OnWrongAccess(new MachineView(this), access);
        }

        if (_onAccess.Length > 0)
            ShowAccess(context, isMapped ? place : -1, new PageFrame(intended), reached, entry);

        if (reached.IsNone)
            return 0; // A page fault; the detectors have said so.

        if (reached.Number >= Mmu.Frames)
            ThrowNoSuchFrame(reached);

        ref int contents = ref Mmu.ContentsAt(reached);
        if (stored is { } value)
            contents = value;

        return contents;
    }

    private void ShowAccess(int context, int page, PageFrame intended, PageFrame reached, PageFrame entry)
    {
        // What detectors look at while a step runs is not accessed by kernel code.
        bool wasStepping = _isStepping;
        bool wasWatched = _fusionWatch is { IsStepping: true };
        _isStepping = false;
        if (wasWatched)
            _fusionWatch!.IsStepping = false;

        var access = new MemoryAccess(context, page >= 0 ? Mmu.AddressOf(page) : MmuTable.LowAddress(reached), intended, reached, entry);
        foreach (Detector detector in _onAccess)
            detector.OnAccess(new MachineView(this), access, page);

        _isStepping = wasStepping;
        if (wasWatched)
            _fusionWatch!.IsStepping = true;
    }

    private void ReportRace(int address, int guard)
    {
        Report(
            FailureClass.DataRace,
            $"{NameOf(_current)} accesses {_image.NameOf(address)} without {_image.NameOf(guard)}, which {Holder(guard)}\n  in {RunningChain()}");
    }
}
