using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Threads;

/// <content>Locks, states of tasks, and wait queues.</content>
public readonly unsafe partial struct ThreadKernel<TMode>
{
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
    public bool IsLocked(int spinLock) => TMode.Checks
        ? _machine.Locks.IsTaken(spinLock)
        : Volatile.Read(ref Word(spinLock)) != 0;

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
    public bool IsActive(int waitQueue) => TMode.Checks
        ? _machine.Sleepers.IsActive(waitQueue, OperationKind.None)
        : Volatile.Read(ref Word(waitQueue)) > 0;

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
}
