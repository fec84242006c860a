using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// The kernel that runs on a <see cref="Machine"/>: every operation is announced first, and happens when it is picked.
/// </summary>
/// <remarks>
/// It holds no machine: kernel code that was booted once can run on any machine of the same image, and its frames can
/// move between them. The machine is found through the thread that steps it, or, which is faster, as the only one of
/// the image.
/// </remarks>
public readonly partial struct SimulatedKernel : IKernel
{
    private readonly MachineSlot? _slot;

    internal SimulatedKernel(MachineSlot slot) => _slot = slot;

    /// <inheritdoc/>
    public TaskId CurrentTask => new(Running.CurrentContext);

    /// <inheritdoc/>
    public CpuId CurrentCpu => new(Running.Tasks.Cpu(Running.CurrentContext));

    /// <inheritdoc/>
    public int PreemptCount => Running.Tasks.PreemptCount(Running.CurrentContext);

    /// <inheritdoc/>
    public int PreemptDepthOn(CpuId cpu)
    {
        TaskTable tasks = Running.Tasks;
        Running.FusionWatch?.Refuse("preempt_count is looked at from outside, which sees whether a lock is held");
        int depth = 0;
        for (int context = 0; context < tasks.Contexts; context++)
            depth += tasks.Cpu(context) == cpu.Number ? tasks.PreemptCount(context) & 0xFF : 0;

        return depth;
    }

    /// <inheritdoc/>
    public bool IrqsDisabled => Running.Cpus.IrqsDisabled(CurrentCpu.Number);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int Word(int address)
    {
        Machine machine = Running;
        if (machine.FusionWatch is { IsStepping: true } watch)
            watch.NoteUnchecked(address);

        machine.ShowPlainAccess();
        return ref machine.Memory[address];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int GuardedWord(int address, int guard)
    {
        Machine machine = Running;
        machine.CheckAccess(address, guard);
        return ref machine.Memory[address];
    }

    /// <inheritdoc/>
    public KernelStep<int> ReadOnce(int address)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(OperationKind.ReadOnce, address);
    }

    /// <inheritdoc/>
    public KernelStep WriteOnce(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return Park(OperationKind.WriteOnce, address, value);
    }

    /// <inheritdoc/>
    public KernelStep<int> FetchAdd(int address, int delta)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(OperationKind.FetchAdd, address, delta);
    }

    /// <inheritdoc/>
    public KernelStep<bool> CompareExchange(int address, int expected, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForBool(OperationKind.CompareExchange, address, expected, value);
    }

    /// <inheritdoc/>
    public KernelStep<int> CompareExchangeOld(int address, int expected, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(OperationKind.CompareExchangeOld, address, expected, value);
    }

    /// <inheritdoc/>
    public KernelStep<int> Exchange(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkForInt(OperationKind.Exchange, address, value);
    }

    /// <inheritdoc/>
    public KernelStep Await(int address, int value)
    {
        Running.NoteMarkedAccess(address);
        return ParkAlways(OperationKind.Await, address, value);
    }

    /// <inheritdoc/>
    public KernelStep<int> Acquire(int spinLock, LockContext context)
    {
        Machine machine = Running;
        if (machine.IsAcquireFused(spinLock))
            return KernelStep<int>.Done(machine.AcquireFused(spinLock, context));

        machine.CheckSelfDeadlock(spinLock);
        machine.Announce(machine.IsArmedBeforeSpinning(context) ? OperationKind.ArmLock : OperationKind.Acquire, spinLock, (int)context);
        return KernelStep<int>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep<bool> TryAcquire(int spinLock)
    {
        Machine machine = Running;
        if (machine.FusionWatch is { IsStepping: true, Obstacle: null } watch)
            watch.Refuse(machine.Image.NameOf(spinLock) + " is also tried, which sees whether it is held");

        return ParkForBool(OperationKind.TryAcquire, spinLock);
    }

    /// <inheritdoc/>
    public KernelStep Release(int spinLock, LockContext context, int flags)
    {
        Machine machine = Running;
        if (machine.IsReleaseFused(spinLock))
        {
            machine.ReleaseFused(spinLock, context, flags);
            return KernelStep.Done;
        }

        machine.Announce(OperationKind.Release, spinLock, (int)context, flags);
        return KernelStep.Parked;
    }

    /// <inheritdoc/>
    public bool IsLocked(int spinLock)
    {
        Machine machine = Running;
        if (machine.FusionWatch is { IsStepping: true } watch && machine.HolderOf(spinLock) != machine.CurrentContext)
            watch.Refuse(machine.Image.NameOf(spinLock) + " is also looked at, which sees whether it is held");

        return machine.Memory[spinLock] != 0;
    }

    /// <inheritdoc/>
    public KernelStep SetState(TaskState state)
    {
        Machine machine = Running;
        if (!machine.IsSetStateFused())
            return Park(OperationKind.SetState, 0, (int)state);

        machine.SetStateFused(state);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Schedule() => ParkAlways(OperationKind.Schedule, 0);

    /// <inheritdoc/>
    public KernelStep Enqueue(int waitQueue, bool exclusive)
    {
        Running.NoteMarkedAccess(waitQueue);
        return Park(OperationKind.Enqueue, waitQueue, exclusive ? 1 : 0);
    }

    /// <inheritdoc/>
    public KernelStep Dequeue(int waitQueue)
    {
        Running.NoteMarkedAccess(waitQueue);
        return Park(OperationKind.Dequeue, waitQueue);
    }

    /// <inheritdoc/>
    public bool IsActive(int waitQueue) => Running.LookAtQueue(waitQueue); // No lock of the caller's keeps others from leaving the queue.

    /// <inheritdoc/>
    public KernelStep<bool> IsActiveOnce(int waitQueue) => ParkForBool(OperationKind.QueueTest, waitQueue);

    /// <inheritdoc/>
    public KernelStep AwaitWaiters(int waitQueue, int count) => ParkAlways(OperationKind.Await, waitQueue, count);

    /// <inheritdoc/>
    public KernelStep WakeUp(int waitQueue, int exclusive) => Park(OperationKind.WakeUp, waitQueue, exclusive);

    /// <inheritdoc/>
    public KernelStep<int> Choose(int outcomes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outcomes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outcomes, Transition.MaxOutcomes);
        Running.Announce(OperationKind.Choose, 0, outcomes);
        return KernelStep<int>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep<bool> ChooseRound()
    {
        Running.Announce(OperationKind.Choose, 0, argument: 2, Machine.ChoiceOfRound);
        return KernelStep<bool>.Parked;
    }

    /// <inheritdoc/>
    public KernelStep InterruptWindow() =>
        Running.IsCpuAlone() ? KernelStep.Done : ParkAlways(OperationKind.InterruptWindow, 0);

    /// <inheritdoc/>
    public void AddPreemptCount(int delta)
    {
        Machine machine = Running;
        if (delta < 0)
            machine.NoteLocalRelease();

        machine.Tasks.AddPreemptCount(machine.CurrentContext, delta);
    }

    /// <inheritdoc/>
    public void AddPreemptCountIfPreemptible(int delta)
    {
        if (Running.Image.Options.Preempt)
            AddPreemptCount(delta);
    }

    /// <inheritdoc/>
    public KernelStep PreemptCheckResched()
    {
        Count(KernelEvent.ReschedCheck);
        return Running.IsCpuAlone() ? KernelStep.Done : ParkAlways(OperationKind.PreemptCheck, 0);
    }

    /// <inheritdoc/>
    public bool SetIrqsDisabled(bool disabled)
    {
        bool before = IrqsDisabled;
        if (!disabled)
            Running.NoteLocalRelease();

        Running.Cpus.SetIrqsDisabled(CurrentCpu.Number, disabled);
        return before;
    }

    /// <inheritdoc/>
    public void MightSleep() => Running.MaySleep("might_sleep");

    /// <inheritdoc/>
    public void SetPte(VirtualPage page, PageFrame frame) => Running.SetPte(page.Index, frame);

    /// <inheritdoc/>
    public PageFrame GetPte(VirtualPage page)
    {
        Machine machine = Running;
        machine.FusionWatch?.NoteEntry(page.Index, machine.Mmu.EntryAddress(page.Index), isWrite: false);
        return machine.Mmu.Entry(page.Index);
    }

    /// <inheritdoc/>
    public bool IsCached(VirtualPage page)
    {
        Running.FusionWatch?.Refuse("the TLBs of all CPUs are looked at, which sees what others do in lock sections");
        return Running.Mmu.IsCached(page.Index);
    }

    /// <inheritdoc/>
    public KernelStep FlushTlbAll()
    {
        Machine machine = Running;
        Count(KernelEvent.TlbFlushAll);
        if (machine.Image.Options.Shootdown && machine.Cpus.Count > 1)
            return ParkAlways(OperationKind.SendShootdown, machine.Image.CallLock);

        return machine.IsFlushFused() ? Fused(machine, OperationKind.FlushTlbAll, 0) : Park(OperationKind.FlushTlbAll, 0);
    }

    /// <inheritdoc/>
    public void FlushTlbOne(VirtualPage page)
    {
        Count(KernelEvent.TlbFlushOne);
        Running.Observer?.OnTlbFlushOne(page);
        Running.Mmu.FlushOne(CurrentCpu.Number, page.Index);
    }

    /// <inheritdoc/>
    public void FlushTlbLocal() => Running.Mmu.FlushCpu(CurrentCpu.Number);

    /// <inheritdoc/>
    public void ReleaseSlot(VirtualPage page) => Running.ReleaseSlot(page);

    /// <inheritdoc/>
    public KernelStep<int> Load(VirtualAddress address, PageFrame intended) =>
        ParkForInt(OperationKind.Load, PlaceOf(address, intended), intended.Number);

    /// <inheritdoc/>
    public KernelStep Store(VirtualAddress address, PageFrame intended, int value) =>
        Park(OperationKind.Store, PlaceOf(address, intended), intended.Number, value);

    /// <inheritdoc/>
    public void Bug(string code) => Running.Bug(code);

    /// <inheritdoc/>
    public void Fail(FailureClass failure, string message) => Running.Report(
        failure,
        $"{message}, in {Running.NameOf(Running.CurrentContext)}{Running.WhereItFails()}");

    /// <inheritdoc/>
    public void LoopTurn() => Running.LoopTurn();

    /// <inheritdoc/>
    public void OperationDone() => Running.FinishOperation();

    /// <inheritdoc/>
    public void Count(KernelEvent what) => Running.Observer?.OnCount(what);
}
