using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation;

/// <content>Operations that happen on the way, without a step of their own.</content>
internal sealed partial class ContextRunner
{
    /// <summary>Performs a visible operation at once, without a scheduling point in front of it.</summary>
    internal long PerformFused(Operation operation)
    {
        ShowPlainAccess();
        _plainAccesses?.End(Current);
        _fusionWatch?.NoteWrites();
        long result = _operations.Perform(Current, operation);
        Fusion.Commit();
        Observer?.OnOperation(Current, new PerformedOperation(operation, result, IsFused: true));
        return result;
    }

    /// <summary>Takes a free inner lock at once.</summary>
    internal int AcquireFused(int spinLock, LockContext context)
    {
        ShowPlainAccess();
        int flags = _locks.Acquire(Current, spinLock, context);
        Observer?.OnOperation(Current, Fused(new Operation(OperationKind.Acquire, spinLock, (int)context)));
        return flags;
    }

    /// <summary>Releases a lock at once.</summary>
    internal void ReleaseFused(int spinLock, LockContext context, int flags)
    {
        ShowPlainAccess();
        _plainAccesses?.End(Current);
        Fusion.CountRelease(spinLock);
        _locks.Release(Current, spinLock, context, flags);
        Fusion.EndSection(Current, spinLock);
        Observer?.OnOperation(Current, Fused(new Operation(OperationKind.Release, spinLock, (int)context, flags)));
    }

    /// <summary>Stores the state of a task at once, which nobody can see as it is on no queue.</summary>
    internal void SetStateFused(TaskState state)
    {
        ShowPlainAccess();
        _operations.SetState(Current, state);
        Observer?.OnOperation(Current, Fused(new Operation(OperationKind.SetState, Argument: (int)state)));
    }

    /// <summary>
    /// Looks at a wait queue without an operation: the one visible thing of the running step, if it still may be, or
    /// part of the operation before.
    /// </summary>
    internal bool LookAtQueue(int queue)
    {
        if (Fusion.HasReleased)
            _fusionWatch?.NotePlain(queue);

        Fusion.Commit();
        bool isActive = Machine.Queues.Count(queue) > 0;
        if (Observer is not null && _isStepping)
        {
            Observer.OnPlainAccess(Current);
            Observer.OnOperation(
                Current,
                new PerformedOperation(new Operation(OperationKind.QueueTest, queue), isActive ? 1 : 0, IsFused: true));
        }

        return isActive;
    }

    /// <summary>Tells the detectors of a call that may sleep in a context that must not.</summary>
    internal void MaySleep(string function)
    {
        if (Machine.IsInAtomic(Current))
            Machine.Detectors.OnMaySleep(Current, function);
    }

    private static PerformedOperation Fused(Operation operation) => new(operation, IsFused: true);
}
