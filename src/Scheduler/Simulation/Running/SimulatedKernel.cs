using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// The kernel that runs on a <see cref="Machine"/>: every operation is announced first, and happens when it is picked.
/// </summary>
/// <remarks>
/// It holds no machine: kernel code that was booted once can run on any machine of the same image, and its frames can
/// move between them. The machine is found through the thread that steps it, or, which is faster, through the
/// image, see <see cref="MachineSlot"/>.
/// </remarks>
public readonly partial struct SimulatedKernel : IKernel
{
    private readonly MachineSlot? _slot;

    internal SimulatedKernel(MachineSlot slot) => _slot = slot;

    /// <inheritdoc/>
    public TaskId CurrentTask => new(Running.Current);

    /// <inheritdoc/>
    public CpuId CurrentCpu => new(Running.Tasks.Cpu(Running.Current));

    /// <inheritdoc/>
    public int PreemptCount => Running.Tasks.PreemptCount(Running.Current);

    /// <inheritdoc/>
    public int PreemptDepthOn(CpuId cpu)
    {
        Running.FusionWatch?.Refuse("preempt_count is looked at from outside, which sees whether a lock is held");
        return Running.Tasks.PreemptDepthOn(cpu.Number);
    }

    /// <inheritdoc/>
    public bool IrqsDisabled => Running.Parts.Cpus.IrqsDisabled(CurrentCpu.Number);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int Word(int address) => ref Running.Word(address);

    /// <inheritdoc/>
    public int Peek(int address, int guard) => Running.Word(address);

    /// <inheritdoc/>
    public int FirstNonZero(int address, int length) => Running.IsStepping
        ? throw new InvalidOperationException("kernel code looks at many words at once, of which nobody would know")
        : Running.Memory.Span(address, length).IndexOfAnyExcept(0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int GuardedWord(int address, int guard) => ref Running.GuardedWord(address, guard);

    /// <inheritdoc/>
    public int PassOver(int first, int length, int guard, int value) => Running.PassOver(first, length, guard, value);

    /// <inheritdoc/>
    public int ChangeAccount(int address, int expected, int value)
    {
        ref int word = ref GuardedWord(address, Protection.None);
        int old = word;
        if (old == expected)
            word = value;

        return old;
    }

    /// <inheritdoc/>
    public KernelStep<int> ReadOnce(int address)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(new Operation(OperationKind.ReadOnce, address));
    }

    /// <inheritdoc/>
    public KernelStep WriteOnce(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return Park(new Operation(OperationKind.WriteOnce, address, value));
    }

    /// <inheritdoc/>
    public KernelStep<int> FetchAdd(int address, int delta)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(new Operation(OperationKind.FetchAdd, address, delta));
    }

    /// <inheritdoc/>
    public KernelStep<bool> CompareExchange(int address, int expected, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForBool(new Operation(OperationKind.CompareExchange, address, expected, value));
    }

    /// <inheritdoc/>
    public KernelStep<int> CompareExchangeOld(int address, int expected, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(new Operation(OperationKind.CompareExchangeOld, address, expected, value));
    }

    /// <inheritdoc/>
    public KernelStep<int> Exchange(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(new Operation(OperationKind.Exchange, address, value));
    }

    /// <inheritdoc/>
    public KernelStep Await(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkAlways(new Operation(OperationKind.Await, address, value));
    }

    /// <inheritdoc/>
    public KernelStep AwaitThat(int address, Comparison comparison, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkAlways(new Operation(OperationKind.Await, address, value, AwaitArgument.Of(comparison)));
    }

    /// <inheritdoc/>
    public KernelStep<int> AwaitAdd(int address, Comparison comparison, int value, int delta)
    {
        ContextRunner runner = Running;
        runner.NoteMarkedAccess(address);
        runner.Announce(new Operation(OperationKind.AwaitAdd, address, value, AwaitArgument.Of(comparison, delta)));
        return KernelStep<int>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep<int> Acquire(int spinLock, LockContext context)
    {
        ContextRunner runner = Running;
        if (runner.Fusion.IsAcquireFused(runner.Current, spinLock))
            return KernelStep<int>.Done(runner.Fused.Acquire(spinLock, context));

        runner.Parts.Locks.CheckSelfDeadlock(runner.Current, spinLock);
        bool isArmedFirst = runner.Parts.RunQueue.IsArmedBeforeSpinning(context);
        runner.Announce(new Operation(
            isArmedFirst ? OperationKind.ArmLock : OperationKind.Acquire, spinLock, (int)context));
        return KernelStep<int>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep<bool> TryAcquire(int spinLock)
    {
        ContextRunner runner = Running;
        if (runner.FusionWatch is { IsStepping: true, Obstacle: null } watch)
            watch.Refuse(runner.Reports.NameOfWord(spinLock) + " is also tried, which sees whether it is held");

        return ParkForBool(new Operation(OperationKind.TryAcquire, spinLock));
    }

    /// <inheritdoc/>
    public KernelStep Release(int spinLock, LockContext context, int flags)
    {
        ContextRunner runner = Running;
        if (runner.Fusion.IsReleaseFused(spinLock))
        {
            runner.Fused.Release(spinLock, context, flags);
            return KernelStep.Done;
        }

        runner.Announce(new Operation(OperationKind.Release, spinLock, (int)context, flags));
        return KernelStep.Parked;
    }

    /// <inheritdoc/>
    public bool IsLocked(int spinLock)
    {
        ContextRunner runner = Running;
        if (runner.FusionWatch is { IsStepping: true } watch && runner.Memory[spinLock] != runner.Current + 1)
            watch.Refuse(runner.Reports.NameOfWord(spinLock) + " is also looked at, which sees whether it is held");

        return runner.Memory[spinLock] != 0;
    }

    /// <inheritdoc/>
    public KernelStep SetState(TaskState state)
    {
        ContextRunner runner = Running;
        if (!runner.Fusion.IsSetStateFused(runner.Current))
            return Park(new Operation(OperationKind.SetState, Argument: (int)state));

        runner.Fused.SetState(state);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Schedule() => ParkAlways(new Operation(OperationKind.Schedule));

    /// <inheritdoc/>
    public KernelStep Enqueue(int waitQueue, bool exclusive)
    {
        Running.NoteMarkedAccess(waitQueue);
        return Park(new Operation(OperationKind.Enqueue, waitQueue, exclusive ? 1 : 0));
    }

    /// <inheritdoc/>
    public KernelStep Dequeue(int waitQueue)
    {
        Running.NoteMarkedAccess(waitQueue);
        return Park(new Operation(OperationKind.Dequeue, waitQueue));
    }

    /// <inheritdoc/>
    // No lock of the caller's keeps others from leaving the queue.
    public bool IsActive(int waitQueue) => Running.Fused.LookAtQueue(waitQueue);

    /// <inheritdoc/>
    public KernelStep<bool> IsActiveOnce(int waitQueue) =>
        ParkForBool(new Operation(OperationKind.QueueTest, waitQueue));

    /// <inheritdoc/>
    public KernelStep AwaitWaiters(int waitQueue, int count) =>
        ParkAlways(new Operation(OperationKind.Await, waitQueue, count));

    /// <inheritdoc/>
    public KernelStep WakeUp(int waitQueue, int exclusive) =>
        Park(new Operation(OperationKind.WakeUp, waitQueue, exclusive));

    /// <inheritdoc/>
    public KernelStep<int> Choose(int outcomes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outcomes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outcomes, Transition.MaxOutcomes);
        Running.Announce(new Operation(OperationKind.Choose, Argument: outcomes));
        return KernelStep<int>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep<bool> ChooseRound()
    {
        Running.Announce(new Operation(OperationKind.Choose, Argument: 2, Second: OperationTable.ChoiceOfRound));
        return KernelStep<bool>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep InterruptWindow() =>
        Running.Parts.RunQueue.IsCpuAlone
            ? KernelStep.Done
            : ParkAlways(new Operation(OperationKind.InterruptWindow));

    /// <inheritdoc/>
    public void AddPreemptCount(int delta)
    {
        ContextRunner runner = Running;
        if (delta < 0)
            runner.NoteLocalRelease();

        runner.Tasks.AddPreemptCount(runner.Current, delta);
    }

    /// <inheritdoc/>
    public void AddPreemptCountIfPreemptible(int delta)
    {
        if (Running.Parts.Rules.Preempts)
            AddPreemptCount(delta);
    }

    /// <inheritdoc/>
    public KernelStep PreemptCheckResched()
    {
        Count(KernelEvent.ReschedCheck);
        return Running.Parts.RunQueue.IsCpuAlone
            ? KernelStep.Done
            : ParkAlways(new Operation(OperationKind.PreemptCheck));
    }

    /// <inheritdoc/>
    public bool SetIrqsDisabled(bool disabled)
    {
        bool before = IrqsDisabled;
        if (!disabled)
            Running.NoteLocalRelease();

        Running.Parts.Cpus.SetIrqsDisabled(CurrentCpu.Number, disabled);
        return before;
    }

    /// <inheritdoc/>
    public void MightSleep() => Running.MaySleep("might_sleep");

    /// <inheritdoc/>
    public void SetPte(VirtualPage page, PageFrame frame) => Running.Paging.SetPte(page.Index, frame);

    /// <inheritdoc/>
    public PageFrame GetPte(VirtualPage page)
    {
        ContextRunner runner = Running;
        runner.FusionWatch?.NoteEntry(page.Index, runner.Parts.Mmu.EntryAddress(page.Index), isWrite: false);
        return runner.Parts.Mmu.Entry(page.Index);
    }

    /// <inheritdoc/>
    public bool IsCached(VirtualPage page)
    {
        Running.FusionWatch?.Refuse("the TLBs of all CPUs are looked at, which sees what others do in lock sections");
        return Running.Parts.Mmu.IsCached(page.Index);
    }

    /// <inheritdoc/>
    public KernelStep FlushTlbAll()
    {
        ContextRunner runner = Running;
        Count(KernelEvent.TlbFlushAll);
        if (runner.Parts.Shootdowns.MustSend)
            return ParkAlways(new Operation(OperationKind.SendShootdown, runner.Parts.Shootdowns.CallLock));

        var flush = new Operation(OperationKind.FlushTlbAll);
        if (runner.Fusion.IsFlushFused)
            runner.Fused.Perform(flush);

        return runner.Fusion.IsFlushFused ? KernelStep.Done : Park(flush);
    }

    /// <inheritdoc/>
    public void FlushTlbOne(VirtualPage page)
    {
        Count(KernelEvent.TlbFlushOne);
        Running.Observer?.OnTlbFlushOne(page);
        Running.ShowPlainAccess();
        Running.Parts.Mmu.FlushOne(CurrentCpu.Number, page.Index);
    }

    /// <inheritdoc/>
    public void FlushTlbLocal()
    {
        Running.ShowPlainAccess();
        Running.Parts.Mmu.FlushCpu(CurrentCpu.Number);
    }

    /// <inheritdoc/>
    public void ReleaseSlot(VirtualPage page) => Running.Detectors.OnSlotRelease(page);

    /// <inheritdoc/>
    public KernelStep<int> Load(VirtualAddress address, PageFrame intended) =>
        ParkForInt(new Operation(OperationKind.Load, Running.Paging.PlaceOf(address, intended), intended.Number));

    /// <inheritdoc/>
    public KernelStep Store(VirtualAddress address, PageFrame intended, int value) =>
        Park(new Operation(OperationKind.Store, Running.Paging.PlaceOf(address, intended), intended.Number, value));

    /// <inheritdoc/>
    public void Bug(string code) => throw ContextDeath.Bug(Running, code);

    /// <inheritdoc/>
    public void Fail(FailureClass failure, string message) => Running.Reports.Report(
        failure, $"{message}, in {Running.Reports.NameOf(Running.Current)}{Running.WhereItFails()}");

    /// <inheritdoc/>
    public void LoopTurn() => Running.LoopTurn();

    /// <inheritdoc/>
    public void OperationDone() => Running.FinishOperation();

    /// <inheritdoc/>
    public void Count(KernelEvent what) => Running.Observer?.OnCount(what);
}
