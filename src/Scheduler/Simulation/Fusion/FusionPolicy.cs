using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>
/// Which operations happen without a step of their own: those that nobody can come between by the machine's scheduling
/// points, and, on a machine that fuses, all up to the first visible one and the releases behind it.
/// </summary>
internal sealed class FusionPolicy
{
    private readonly bool _fuses;
    private readonly SchedulingPoints _points;
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly byte[] _isInner; // By address of a lock.
    private bool _isBeginning; // A context runs up to its first operation.
    private bool _isCommitted; // The step has done something that others can see: what is visible next is a new step.

    /// <summary>The policy of a machine that stops at these points, and fuses if it has a watch.</summary>
    internal FusionPolicy(
        KernelWords memory,
        TaskTable tasks,
        byte[] isInner,
        SchedulingPoints points,
        FusionWatch? watch)
    {
        _memory = memory;
        _tasks = tasks;
        _isInner = isInner;
        _points = points;
        _fuses = watch is not null;
        Watch = watch;
    }

    /// <summary>Whether steps run on to the next visible operation; if not, nobody asks what they have shown.</summary>
    internal bool Fuses => _fuses;

    /// <summary>Watches the accesses on a machine that fuses; null on others.</summary>
    internal FusionWatch? Watch { get; }

    /// <summary>
    /// Operations since the last reset that would have been steps of their own on a machine that
    /// does not fuse.
    /// </summary>
    internal int FusedOperations { get; private set; }

    /// <summary>The step has released a lock that others wait for.</summary>
    internal bool HasReleased { get; private set; }

    internal void Reset() => FusedOperations = 0;

    /// <summary>A step with so many of them was looked up.</summary>
    internal void CountFused(int operations) => FusedOperations += operations;

    /// <summary>A context begins: nothing is fused, as there is no step that it could be part of.</summary>
    internal void BeginContext(int context)
    {
        _isCommitted = true;
        HasReleased = true;
        _isBeginning = true;
        Watch?.BeginStep(context);
    }

    /// <summary>A step begins with an operation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginStep(int context, OperationKind kind)
    {
        if (!_fuses)
            return;

        _isCommitted = !OperationTable.IsRightMover(kind);
        HasReleased = kind == OperationKind.Choose; // A search may put choices first: nothing else may be seen in them.
        Watch?.BeginStep(context);
    }

    /// <summary>The context has come to its next operation, or its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void End()
    {
        if (!_fuses)
            return;

        _isBeginning = false;
        Watch?.EndStep();
    }

    /// <summary>Whether a visible operation may happen in the running step, and so be its only one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool FusesVisible()
    {
        if (!_fuses || _isCommitted)
            return false;

        FusedOperations++;
        return true;
    }

    /// <summary>A visible operation has happened in the running step.</summary>
    internal void Commit() => _isCommitted = true;

    /// <summary>Whether a lock is taken without a step of its own.</summary>
    internal bool IsAcquireFused(int context, int spinLock)
    {
        if (_isInner[spinLock] == 0)
            return false;

        bool stops = (_points & SchedulingPoints.InnerLocks) != 0
            || ((_points & SchedulingPoints.UnguardedInnerLocks) != 0 && !IsGuarded(context));
        Watch?.NoteInnerLock(spinLock, stops);
        return !stops && _memory[spinLock] == 0;
    }

    // By an outer lock alone: whoever holds an inner one, and waits for another, can be in a circle of such.
    private bool IsGuarded(int context) => _tasks.Locks(context) != 0 && _tasks.InnerLocks(context) == 0;

    /// <summary>Whether a lock is released without a step of its own.</summary>
    internal bool IsReleaseFused(int spinLock) => _isInner[spinLock] != 0
        ? (_points & SchedulingPoints.InnerLocks) == 0
        : _fuses && !_isBeginning;

    /// <summary>An outer lock is about to be released in the running step; what that shows is shown by it.</summary>
    internal void CountRelease(int spinLock)
    {
        if (_isInner[spinLock] == 0)
            FusedOperations++;
    }

    /// <summary>
    /// A lock was released in the running step. An inner one under another is that one's; alone it ends a section, and
    /// what comes next is not part of it.
    /// </summary>
    internal void EndSection(int context, int spinLock)
    {
        if (_isInner[spinLock] != 0 && _tasks.Locks(context) != 0)
            return;

        Watch?.NoteWrites();
        _isCommitted = true;
        HasReleased = true;
    }

    /// <summary>Whether the state of a task is stored without a step of its own: nobody can see it.</summary>
    internal bool IsSetStateFused(int context) =>
        (_points & SchedulingPoints.State) == 0
        && ((_points & SchedulingPoints.VisibleState) == 0 || _tasks.Queues(context) == 0);

    /// <summary>Whether TLBs are flushed without a step of its own.</summary>
    internal bool IsFlushFused => (_points & SchedulingPoints.TlbFlush) == 0;
}
