namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>What is known of one kind of operation without performing it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Text">The operation as kernel people write it: spin_lock(kmap_lock).</param>
public sealed record OperationRow(OperationKind Kind, Func<Operation, IOperationNames, string> Text)
{
    /// <summary>What the target is.</summary>
    public OperationTarget Target { get; init; }

    /// <summary>What it does to its target.</summary>
    public OperationEffect Effect { get; init; }

    /// <summary>What has to be the case before it can happen.</summary>
    public WaitCondition Waits { get; init; }

    /// <summary>
    /// It commutes to the right with what others do (R. J. Lipton, "Reduction", 1975): nobody sees whether it has
    /// happened yet, so what is visible may still follow in the same step.
    /// </summary>
    public bool IsRightMover { get; init; }

    /// <summary>What the argument is, for whoever gives things other numbers.</summary>
    public OperandSort Argument { get; init; }

    /// <summary>What the second argument is.</summary>
    public OperandSort Second { get; init; }

    /// <summary>What it has yielded, in words; null if that is nothing, or said by its text.</summary>
    public Func<Operation, int, IOperationNames, string>? Outcome { get; init; }

    /// <summary>
    /// Whether such an operation, as things are, changes its target; what it changes of others is not meant.
    /// </summary>
    internal bool Writes(Operation operation, int[] memory) => Effect switch
    {
        OperationEffect.Writes => true,
        OperationEffect.WritesIfFree => memory[operation.Target] == 0,
        OperationEffect.WritesIfExpected => memory[operation.Target] == operation.Argument,
        _ => false,
    };

    /// <summary>Whether it may have to wait.</summary>
    public bool MayBlock => Waits != WaitCondition.None;
}

/// <summary>What the target of an operation is.</summary>
public enum OperationTarget
{
    /// <summary>It has none: it concerns its own context, or nothing.</summary>
    None,

    /// <summary>The state of the task that performs it.</summary>
    OwnState,

    /// <summary>A word of kernel memory, by address.</summary>
    Word,

    /// <summary>A spin lock, by address.</summary>
    SpinLock,

    /// <summary>A wait queue, by address.</summary>
    WaitQueue,

    /// <summary>A page of a mapped region, or beyond them a frame of low memory.</summary>
    Place,

    /// <summary>The TLBs of all CPUs.</summary>
    Tlbs,
}

/// <summary>What an operation does to its target.</summary>
public enum OperationEffect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Reads it.</summary>
    Reads,

    /// <summary>Writes it, or reads and writes it.</summary>
    Writes,

    /// <summary>Writes it if it is 0, and only reads it if not.</summary>
    WritesIfFree,

    /// <summary>Writes it if it has the value of the argument, and only reads it if not.</summary>
    WritesIfExpected,

    /// <summary>Reads it, and writes the states of the tasks that are on it.</summary>
    Wakes,
}

/// <summary>What has to be the case before an operation can happen.</summary>
public enum WaitCondition
{
    /// <summary>It never waits.</summary>
    None,

    /// <summary>Its target, a spin lock, is free.</summary>
    Free,

    /// <summary>Its target compares with the argument as <see cref="AwaitArgument"/> says.</summary>
    Compares,

    /// <summary>The task has been woken: it is on the run queue.</summary>
    Woken,

    /// <summary>All CPUs have answered a TLB shootdown.</summary>
    Answered,
}

/// <summary>What an argument of an operation is.</summary>
public enum OperandSort
{
    /// <summary>A number, which means the same under any naming.</summary>
    Number,

    /// <summary>The number of a page frame.</summary>
    Frame,

    /// <summary>A page's mark: the number of its frame + 1.</summary>
    Mark,
}
