namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>What a context does in one step.</summary>
public enum OperationKind : byte
{
    /// <summary>Nothing: the context has not started, or has ended.</summary>
    None,

    /// <summary>Takes a spin lock; waits until it is free.</summary>
    Acquire,

    /// <summary>Releases a spin lock.</summary>
    Release,

    /// <summary>Tries to take a spin lock.</summary>
    TryAcquire,

    /// <summary>Stores current->state.</summary>
    SetState,

    /// <summary>Joins a wait queue.</summary>
    Enqueue,

    /// <summary>Leaves a wait queue.</summary>
    Dequeue,

    /// <summary>Looks whether a wait queue has entries, unprotected.</summary>
    QueueTest,

    /// <summary>Wakes a wait queue.</summary>
    WakeUp,

    /// <summary>Gives up the CPU.</summary>
    Schedule,

    /// <summary>Comes back from a sleep; waits until it has been woken.</summary>
    Resume,

    /// <summary>Empties all TLBs.</summary>
    FlushTlbAll,

    /// <summary>Reads through a virtual address.</summary>
    Load,

    /// <summary>Writes through a virtual address.</summary>
    Store,

    /// <summary>Reads a shared word, unprotected.</summary>
    ReadOnce,

    /// <summary>Writes a shared word, unprotected.</summary>
    WriteOnce,

    /// <summary>Adds to a shared word atomically.</summary>
    FetchAdd,

    /// <summary>Exchanges a shared word atomically if it has the expected value.</summary>
    CompareExchange,

    /// <summary>Exchanges a shared word atomically if it has the expected value, and yields what it was.</summary>
    CompareExchangeOld,

    /// <summary>Exchanges a shared word atomically.</summary>
    Exchange,

    /// <summary>
    /// Waits until a shared word has a value. This kind and those after it take longer to judge than the others.
    /// </summary>
    Await,

    /// <summary>Waits until a shared word compares with a value as it should, and adds to it atomically.</summary>
    AwaitAdd,

    /// <summary>A place where only this CPU's interrupts, or a preemption, can come between.</summary>
    InterruptWindow,

    /// <summary>Passes preempt_check_resched.</summary>
    PreemptCheck,

    /// <summary>
    /// Chooses a number, or whether to go on with another round; each outcome is a transition of its own.
    /// </summary>
    Choose,

    /// <summary>Switches interrupts, or bottom halves, off on this CPU, and spins for a lock from then on.</summary>
    ArmLock,

    /// <summary>Sends a TLB flush to all other CPUs; waits until nobody else's is under way.</summary>
    SendShootdown,

    /// <summary>Waits until all CPUs have answered the flush that was sent.</summary>
    AwaitShootdown,
}
