using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>
/// The kernel whose tasks Coyote schedules: every operation waits for its turn, and is done when it returns.
/// </summary>
/// <remarks>
/// It holds nothing: the machine and the running task are found through the thread that Coyote runs the task on.
/// </remarks>
internal readonly struct CoyoteKernel : IKernel
{
    /// <inheritdoc/>
    public TaskId CurrentTask => new(Current.Number);

    /// <inheritdoc/>
    public CpuId CurrentCpu => new(Current.Number);

    /// <inheritdoc/>
    public int PreemptCount => Current.PreemptCount;

    /// <inheritdoc/>
    public int PreemptDepthOn(CpuId cpu) =>
        throw new NotSupportedException("only exhaustive search looks at a machine from outside");

    /// <inheritdoc/>
    public bool IrqsDisabled => Current.AreIrqsDisabled;

    private static CoyoteMachine Machine => CoyoteMachine.Current;

    private static CoyoteTask Current => CoyoteMachine.Current.CurrentTask;

    /// <inheritdoc/>
    public ref int Word(int address) => ref Machine.Word(address);

    /// <inheritdoc/>
    public int Peek(int address, int guard) => Machine.Word(address);

    /// <inheritdoc/>
    public int FirstNonZero(int address, int length)
    {
        for (int i = 0; i < length; i++)
        {
            if (Machine.Word(address + i) != 0)
                return i;
        }

        return -1;
    }

    /// <inheritdoc/>
    public ref int GuardedWord(int address, int guard)
    {
        Machine.CheckGuard(guard, address);
        return ref Machine.Word(address);
    }

    /// <inheritdoc/>
    public int PassOver(int first, int length, int guard, int value) => 0;

    /// <inheritdoc/>
    public int ChangeAccount(int address, int expected, int value)
    {
        int old = Machine.Word(address);
        if (old == expected)
            Machine.Word(address) = value;

        return old;
    }

    /// <inheritdoc/>
    public KernelStep<int> ReadOnce(int address)
    {
        Machine.StandBefore(OperationKind.ReadOnce);
        return KernelStep<int>.Done(Machine.Word(address));
    }

    /// <inheritdoc/>
    public KernelStep WriteOnce(int address, int value)
    {
        Machine.StandBefore(OperationKind.WriteOnce);
        Machine.Word(address) = value;
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> FetchAdd(int address, int delta)
    {
        Machine.StandBefore(OperationKind.FetchAdd);
        int before = Machine.Word(address);
        Machine.Word(address) = before + delta;
        return KernelStep<int>.Done(before);
    }

    /// <inheritdoc/>
    public KernelStep<bool> CompareExchange(int address, int expected, int value)
    {
        Machine.StandBefore(OperationKind.CompareExchange);
        bool isExpected = Machine.Word(address) == expected;
        if (isExpected)
            Machine.Word(address) = value;

        return KernelStep<bool>.Done(isExpected);
    }

    /// <inheritdoc/>
    public KernelStep<int> CompareExchangeOld(int address, int expected, int value)
    {
        Machine.StandBefore(OperationKind.CompareExchangeOld);
        int before = Machine.Word(address);
        if (before == expected)
            Machine.Word(address) = value;

        return KernelStep<int>.Done(before);
    }

    /// <inheritdoc/>
    public KernelStep<int> Exchange(int address, int value)
    {
        Machine.StandBefore(OperationKind.Exchange);
        int before = Machine.Word(address);
        Machine.Word(address) = value;
        return KernelStep<int>.Done(before);
    }

    /// <inheritdoc/>
    public KernelStep Await(int address, int value)
    {
        CoyoteMachine machine = Machine;
        machine.StandBefore(OperationKind.Await, () => machine.Word(address) == value);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep AwaitThat(int address, Scheduler.Kernel.Comparison comparison, int value)
    {
        CoyoteMachine machine = Machine;
        machine.StandBefore(OperationKind.Await, () => comparison.Holds(machine.Word(address), value));
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> AwaitAdd(int address, Scheduler.Kernel.Comparison comparison, int value, int delta)
    {
        CoyoteMachine machine = Machine;
        machine.StandBefore(OperationKind.AwaitAdd, () => comparison.Holds(machine.Word(address), value));
        int before = machine.Word(address);
        machine.Word(address) = before + delta;
        return KernelStep<int>.Done(before);
    }

    /// <inheritdoc/>
    public KernelStep<int> Acquire(int spinLock, LockContext context) =>
        KernelStep<int>.Done(Machine.Locks.Acquire(spinLock, context));

    /// <inheritdoc/>
    public KernelStep<bool> TryAcquire(int spinLock) => KernelStep<bool>.Done(Machine.Locks.TryAcquire(spinLock));

    /// <inheritdoc/>
    public KernelStep Release(int spinLock, LockContext context, int flags)
    {
        Machine.Locks.Release(spinLock, context, flags != 0);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public bool IsLocked(int spinLock) => Machine.Locks.IsLocked(spinLock);

    /// <inheritdoc/>
    public KernelStep SetState(TaskState state)
    {
        if (Machine.StopsAtSetState)
            Machine.StandBefore(OperationKind.SetState);

        Current.State = state;
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Schedule()
    {
        Machine.Schedule();
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Enqueue(int waitQueue, bool exclusive)
    {
        Machine.StandBefore(OperationKind.Enqueue);
        Machine.Enqueue(waitQueue, exclusive);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep Dequeue(int waitQueue)
    {
        Machine.StandBefore(OperationKind.Dequeue);
        Machine.Dequeue(waitQueue);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public bool IsActive(int waitQueue) => Machine.Queue(waitQueue).Count > 0;

    /// <inheritdoc/>
    public KernelStep<bool> IsActiveOnce(int waitQueue)
    {
        Machine.StandBefore(OperationKind.QueueTest);
        return KernelStep<bool>.Done(IsActive(waitQueue));
    }

    /// <inheritdoc/>
    public KernelStep AwaitWaiters(int waitQueue, int count)
    {
        CoyoteMachine machine = Machine;
        machine.StandBefore(OperationKind.Await, () => machine.Queue(waitQueue).Count == count);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep WakeUp(int waitQueue, int exclusive)
    {
        Machine.StandBefore(OperationKind.WakeUp);
        Machine.Queue(waitQueue).WakeUp(exclusive);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> Choose(int outcomes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outcomes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outcomes, Transition.MaxOutcomes);
        return KernelStep<int>.Done(Machine.Choose(outcomes));
    }

    /// <inheritdoc/>
    public KernelStep<bool> ChooseRound() => KernelStep<bool>.Done(Machine.Choose(2) != 0);

    /// <inheritdoc/>
    public KernelStep InterruptWindow() => KernelStep.Done; // There are no interrupts, and nobody shares the CPU.

    /// <inheritdoc/>
    public void AddPreemptCount(int delta) => Current.PreemptCount += delta;

    /// <inheritdoc/>
    public void AddPreemptCountIfPreemptible(int delta)
    {
        if (Machine.Options.Preempt)
            AddPreemptCount(delta);
    }

    /// <inheritdoc/>
    public KernelStep PreemptCheckResched() => KernelStep.Done;

    /// <inheritdoc/>
    public bool SetIrqsDisabled(bool disabled)
    {
        bool before = Current.AreIrqsDisabled;
        Current.AreIrqsDisabled = disabled;
        return before;
    }

    /// <inheritdoc/>
    public void MightSleep() => Machine.CheckMaySleep("might_sleep");

    /// <inheritdoc/>
    public void SetPte(VirtualPage page, PageFrame frame) => Machine.SetPte(page.Index, frame);

    /// <inheritdoc/>
    public PageFrame GetPte(VirtualPage page) => Machine.Mmu.Entry(page.Index);

    /// <inheritdoc/>
    public bool IsCached(VirtualPage page) => Machine.Mmu.IsCached(page.Index);

    /// <inheritdoc/>
    public KernelStep FlushTlbAll()
    {
        if (Machine.StopsAt(SchedulingPoints.TlbFlush))
            Machine.StandBefore(OperationKind.FlushTlbAll);

        Machine.Mmu.FlushAll();
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public void FlushTlbOne(VirtualPage page) => Machine.Mmu.FlushOne(Current.Number, page.Index);

    /// <inheritdoc/>
    public void FlushTlbLocal() => Machine.Mmu.FlushCpu(Current.Number);

    /// <inheritdoc/>
    public void ReleaseSlot(VirtualPage page)
    {
        // Every task has a CPU to itself here, so nobody else can have used its slots.
    }

    /// <inheritdoc/>
    public KernelStep<int> Load(VirtualAddress address, PageFrame intended)
    {
        int place = Machine.PlaceOf(address);
        Machine.StandBefore(OperationKind.Load);
        PageFrame reached = Machine.Access(address, place, intended);
        return KernelStep<int>.Done(reached.IsNone ? 0 : Machine.Mmu.Contents(reached));
    }

    /// <inheritdoc/>
    public KernelStep Store(VirtualAddress address, PageFrame intended, int value)
    {
        int place = Machine.PlaceOf(address);
        Machine.StandBefore(OperationKind.Store);
        PageFrame reached = Machine.Access(address, place, intended);
        if (!reached.IsNone)
            Machine.Mmu.Contents(reached) = value;

        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public void Bug(string code)
    {
        Machine.Report(FailureClass.BugOn, $"kernel BUG at {code} in {Current}");
        throw new KernelBugException(code);
    }

    /// <inheritdoc/>
    public void Fail(FailureClass failure, string message) => Machine.Report(failure, $"{message}, in {Current}");

    /// <inheritdoc/>
    public void LoopTurn() => Machine.LoopTurn();

    /// <inheritdoc/>
    public void OperationDone() => Machine.FinishOperation();

    /// <inheritdoc/>
    public void Count(KernelEvent what)
    {
    }
}
