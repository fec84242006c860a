using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads;

/// <summary>
/// The kernel whose tasks are OS threads: every operation happens at once, with real atomics and real sleep, and awaits
/// allocate nothing.
/// </summary>
/// <remarks>
/// Guarded accesses are plain, marked ones volatile, and what reads and writes in one step is interlocked. A task has a
/// CPU for itself. There is no TLB of which anybody could see what is in it: addresses lead where the page table says.
/// </remarks>
/// <typeparam name="TMode"><see cref="CheckedMode"/> or <see cref="BareMode"/>.</typeparam>
public readonly unsafe struct ThreadKernel<TMode> : IKernel
    where TMode : struct, IThreadMode
{
    private readonly ThreadMachine _machine;
    private readonly int* _words; // Of the machine, which keeps them where they are as long as it lives.

    internal ThreadKernel(ThreadMachine machine)
    {
        _machine = machine;
        _words = machine.Words;
    }

    /// <inheritdoc/>
    public TaskId CurrentTask => new(Current?.Number ?? -1);

    /// <inheritdoc/>
    public CpuId CurrentCpu => new(Current?.Number ?? -1);

    /// <inheritdoc/>
    public int PreemptCount => Current?.Record.PreemptCount ?? 0;

    /// <inheritdoc/>
    public int PreemptDepthOn(CpuId cpu) =>
        Kernel.Rules.PreemptCount.DepthOf(_machine.Tasks[cpu.Number].Record.PreemptCount);

    /// <inheritdoc/>
    public bool IrqsDisabled => Current is { Record.IrqsDisabled: true };

    private static ThreadTask? Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ThreadTask.t_current;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int Word(int address) => ref *(_words + address);

    /// <inheritdoc/>
    public int FirstNonZero(int address, int length) =>
        new ReadOnlySpan<int>(_words + address, length).IndexOfAnyExcept(0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int GuardedWord(int address, int guard)
    {
        if (TMode.Checks)
            _machine.CheckAccess(address, guard);

        return ref *(_words + address);
    }

    /// <inheritdoc/>
    public int ChangeAccount(int address, int expected, int value) =>
        Interlocked.CompareExchange(ref Word(address), value, expected);

    /// <inheritdoc/>
    public KernelStep<int> ReadOnce(int address)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.ReadOnce, address) ?? Volatile.Read(ref Word(address)));
    }

    /// <inheritdoc/>
    public KernelStep WriteOnce(int address, int value)
    {
        Begin();
        if (Recording is { } recorder)
            recorder.Perform(OperationKind.WriteOnce, address, value);
        else
            Volatile.Write(ref Word(address), value);

        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> FetchAdd(int address, int delta)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.FetchAdd, address, delta)
            ?? (Interlocked.Add(ref Word(address), delta) - delta));
    }

    /// <inheritdoc/>
    public KernelStep<bool> CompareExchange(int address, int expected, int value)
    {
        Begin();
        return KernelStep<bool>.Done(Recording is { } recorder
            ? recorder.Perform(OperationKind.CompareExchange, address, expected, value) != 0
            : Interlocked.CompareExchange(ref Word(address), value, expected) == expected);
    }

    /// <inheritdoc/>
    public KernelStep<int> CompareExchangeOld(int address, int expected, int value)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.CompareExchangeOld, address, expected, value)
            ?? Interlocked.CompareExchange(ref Word(address), value, expected));
    }

    /// <inheritdoc/>
    public KernelStep<int> Exchange(int address, int value)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.Exchange, address, value)
            ?? Interlocked.Exchange(ref Word(address), value));
    }

    /// <inheritdoc/>
    public KernelStep Await(int address, int value)
    {
        Begin();
        _machine.AwaitWord(address, value);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KernelStep<int> Acquire(int spinLock, LockContext context)
    {
        if (TMode.Checks)
            return KernelStep<int>.Done(_machine.Locks.AcquireChecked(spinLock, context));

        if (Interlocked.CompareExchange(ref Word(spinLock), SpinLocks.Somebody, 0) != 0)
            _machine.Locks.Spin(spinLock);

        return KernelStep<int>.Done(0);
    }

    /// <inheritdoc/>
    public KernelStep<bool> TryAcquire(int spinLock)
    {
        if (TMode.Checks)
            return KernelStep<bool>.Done(_machine.Locks.TryAcquireChecked(spinLock));

        return KernelStep<bool>.Done(Interlocked.CompareExchange(ref Word(spinLock), SpinLocks.Somebody, 0) == 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KernelStep Release(int spinLock, LockContext context, int flags)
    {
        if (TMode.Checks)
            _machine.Locks.ReleaseChecked(spinLock, context, flags);
        else
            Volatile.Write(ref Word(spinLock), 0);

        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public bool IsLocked(int spinLock) => Volatile.Read(ref Word(spinLock)) != 0;

    /// <inheritdoc/>
    public KernelStep SetState(TaskState state)
    {
        Begin();

        // The barrier of set_current_state(): what the task looks at next is looked at after this is seen.
        _machine.Sleepers.SetState(Current!, state);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Schedule()
    {
        Begin();
        if (TMode.Checks)
            _machine.CheckMaySleep("schedule");

        _machine.Sleepers.Schedule(Current!);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Enqueue(int waitQueue, bool exclusive)
    {
        Begin();
        _machine.Sleepers.Enqueue(waitQueue, exclusive);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Dequeue(int waitQueue)
    {
        Begin();
        _machine.Sleepers.Dequeue(waitQueue);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public bool IsActive(int waitQueue) => _machine.Sleepers.IsActive(waitQueue, OperationKind.None);

    /// <inheritdoc/>
    public KernelStep<bool> IsActiveOnce(int waitQueue)
    {
        Begin();
        return KernelStep<bool>.Done(_machine.Sleepers.IsActive(waitQueue, OperationKind.QueueTest));
    }

    /// <inheritdoc/>
    public KernelStep AwaitWaiters(int waitQueue, int count) => Await(waitQueue, count);

    /// <inheritdoc/>
    public KernelStep WakeUp(int waitQueue, int exclusive)
    {
        Begin();
        _machine.Sleepers.WakeUp(waitQueue, exclusive);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> Choose(int outcomes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outcomes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outcomes, Transition.MaxOutcomes);
        Begin();
        int outcome = (int)(Current!.Record.NextRandom() % (ulong)outcomes);
        Recording?.Add(Current, OperationKind.Choose, 0, 0, outcome);
        return KernelStep<int>.Done(outcome);
    }

    /// <inheritdoc/>
    public KernelStep<bool> ChooseRound()
    {
        _machine.LeaveIfStopping();
        bool mayEnd = TMode.Checks && _machine.Options.Jitter && Jitter.EndsNow(ref Current!.Record);
        bool goesOn = !_machine.IsEnding && !mayEnd;
        Recording?.Add(Current!, OperationKind.Choose, 0, 0, goesOn ? 1 : 0);
        return KernelStep<bool>.Done(goesOn);
    }

    /// <inheritdoc/>
    public KernelStep InterruptWindow() => KernelStep.Done; // There are no interrupts, and nobody shares the CPU.

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

    // In bare mode there is nobody, and the JIT knows.
    private ThreadRecorder? Recording
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TMode.Checks ? _machine.Recording : null;
    }

    // In front of a primitive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin()
    {
        if (TMode.Checks)
            _machine.Begin();
    }
}
