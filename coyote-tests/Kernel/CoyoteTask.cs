using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>task_struct, and the CPU that the task has for itself.</summary>
internal sealed class CoyoteTask(int number, Func<KernelTask> body)
{
    /// <summary>Its number from 0, which is its CPU's too.</summary>
    public int Number { get; } = number;

    /// <summary>What it runs.</summary>
    public Func<KernelTask> Body { get; } = body;

    /// <summary>current->state.</summary>
    public TaskState State { get; set; }

    /// <summary>It is off the run queue, until somebody wakes it.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>It has come to its first operation.</summary>
    public bool HasStarted { get; set; }

    /// <summary>It has returned.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The operation that it stands in front of.</summary>
    public OperationKind Pending { get; private set; }

    /// <summary>preempt_count.</summary>
    public int PreemptCount { get; set; }

    /// <summary>Interrupts are off on its CPU.</summary>
    public bool AreIrqsDisabled { get; set; }

    /// <summary>The number of spin locks that it holds.</summary>
    public int Locks { get; set; }

    /// <summary>The number of wait queues that it is on.</summary>
    public int Queues { get; set; }

    /// <summary>Turns of a loop since its last scheduling point.</summary>
    public int LoopTurns { get; set; }

    /// <summary>Nothing but the scheduler keeps its pending operation from happening.</summary>
    public bool IsReady => !HasEnded && !IsAsleep && (_isPossible is null || _isPossible());

    /// <summary>What it waits for at each scheduling point: made once, for there are many.</summary>
    public Func<bool>? MayRun { get; set; }

    private Func<bool>? _isPossible; // Null for an operation that never has to wait.

    /// <summary>Says what it is about to do.</summary>
    public void Announce(OperationKind kind, Func<bool>? isPossible)
    {
        Pending = kind;
        _isPossible = isPossible;
    }

    /// <summary>Leaves the run queue.</summary>
    public void FallAsleep() => IsAsleep = true;

    /// <summary>
    /// try_to_wake_up: true if it really slept. One that has only prepared to sleep becomes RUNNING, and that is all.
    /// </summary>
    public bool TryToWakeUp()
    {
        if (State == TaskState.Running)
            return false;

        bool slept = IsAsleep;
        State = TaskState.Running;
        IsAsleep = false;
        return slept;
    }

    /// <summary>Back to where it was when the machine had booted.</summary>
    public void Reset()
    {
        State = TaskState.Running;
        IsAsleep = HasStarted = HasEnded = AreIrqsDisabled = false;
        PreemptCount = Locks = Queues = LoopTurns = 0;
        Announce(OperationKind.None, null);
    }

    /// <inheritdoc/>
    public override string ToString() => $"task {Number}";
}
