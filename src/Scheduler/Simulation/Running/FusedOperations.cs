using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>Operations that happen on the way, without a step of their own.</summary>
internal sealed class FusedOperations(ContextRunner runner)
{
    private readonly MachineParts _parts = runner.Parts;
    private readonly LockTable _locks = runner.Parts.Locks;
    private readonly FusionPolicy _fusion = runner.Fusion;
    private readonly PlainAccessWatch? _plainAccesses = runner.Parts.PlainAccesses;
    private readonly OperationPerformer _operations = runner.Operations;

    /// <summary>Performs a visible operation at once, without a scheduling point in front of it.</summary>
    internal long Perform(Operation operation)
    {
        runner.ShowPlainAccess();
        _plainAccesses?.End(runner.Current);
        _fusion.Watch?.NoteWrites();
        long result = _operations.Perform(runner.Current, operation);
        _fusion.Commit();
        runner.Observer?.OnOperation(runner.Current, new PerformedOperation(operation, result, IsFused: true));
        return result;
    }

    /// <summary>Takes a free inner lock at once.</summary>
    internal int Acquire(int spinLock, LockContext context)
    {
        runner.ShowPlainAccess();
        int flags = _locks.Acquire(runner.Current, spinLock, context);
        runner.Observer?.OnOperation(
            runner.Current,
            Fused(new Operation(OperationKind.Acquire, spinLock, (int)context)));
        return flags;
    }

    /// <summary>Releases a lock at once.</summary>
    internal void Release(int spinLock, LockContext context, int flags)
    {
        runner.ShowPlainAccess();
        _plainAccesses?.End(runner.Current);
        if (_fusion.Fuses)
            _fusion.CountRelease(spinLock);

        _locks.Release(runner.Current, spinLock, context, flags);
        if (_fusion.Fuses)
            _fusion.EndSection(runner.Current, spinLock);

        runner.Observer?.OnOperation(
            runner.Current,
            Fused(new Operation(OperationKind.Release, spinLock, (int)context, flags)));
    }

    /// <summary>Stores the state of a task at once, which nobody can see as it is on no queue.</summary>
    internal void SetState(TaskState state)
    {
        runner.ShowPlainAccess();
        _operations.SetState(runner.Current, state);
        runner.Observer?.OnOperation(
            runner.Current,
            Fused(new Operation(OperationKind.SetState, Argument: (int)state)));
    }

    /// <summary>
    /// Looks at a wait queue without an operation: the one visible thing of the running step, if it still may be, or
    /// part of the operation before.
    /// </summary>
    internal bool LookAtQueue(int queue)
    {
        if (_fusion.HasReleased)
            _fusion.Watch?.NotePlain(queue);

        _fusion.Commit();
        bool isActive = _parts.Queues.Count(queue) > 0;
        if (runner.Observer is not null && runner.IsStepping)
        {
            runner.Observer.OnPlainAccess(runner.Current);
            runner.Observer.OnOperation(
                runner.Current,
                new PerformedOperation(new Operation(OperationKind.QueueTest, queue), isActive ? 1 : 0, IsFused: true));
        }

        return isActive;
    }

    private static PerformedOperation Fused(Operation operation) => new(operation, IsFused: true);
}
