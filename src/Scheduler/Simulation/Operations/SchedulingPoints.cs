namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>
/// The kinds of operation in front of which a task stops; others happen together with what comes before them.
/// </summary>
[Flags]
public enum SchedulingPoints
{
    /// <summary>Outer locks, queues, sleeps and wake-ups: always.</summary>
    None = 0,

    /// <summary>TLB flushes.</summary>
    TlbFlush = 1,

    /// <summary>
    /// Taking an inner lock while no outer lock keeps everybody else out, or while another inner one is held; with the
    /// release as part of the same step.
    /// </summary>
    UnguardedInnerLocks = 2,

    /// <summary>Taking and releasing inner locks, always.</summary>
    InnerLocks = 4,

    /// <summary>Storing current->state while on a wait queue, where a waker can see it.</summary>
    VisibleState = 8,

    /// <summary>Storing current->state, always.</summary>
    State = 16,

    /// <summary>Everything that another CPU can observe.</summary>
    Observable = TlbFlush | UnguardedInnerLocks | VisibleState,

    /// <summary>Everything.</summary>
    All = TlbFlush | UnguardedInnerLocks | InnerLocks | VisibleState | State,
}
