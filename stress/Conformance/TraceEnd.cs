using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>Why a trace ends.</summary>
public enum EndReason
{
    /// <summary>The script was over.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It was made to stop at the bug of its last step.</summary>
    [JsonStringEnumMemberName("bug")]
    Bug,

    /// <summary>A dead task holds the lock.</summary>
    [JsonStringEnumMemberName("stuck")]
    Stuck,

    /// <summary>The last operation searches for ever.</summary>
    [JsonStringEnumMemberName("livelock")]
    Livelock,

    /// <summary>Nobody is left to wake the sleepers.</summary>
    [JsonStringEnumMemberName("deadlock")]
    Deadlock,
}

/// <summary>The last line of a trace.</summary>
public sealed record TraceEnd
{
    /// <summary>Why it ends here.</summary>
    public required EndReason Reason { get; init; }

    /// <summary>How many steps came before.</summary>
    public required int Steps { get; init; }

    /// <summary>The dead task with the lock, where a stuck trace names it.</summary>
    public int? LockHolder { get; init; }

    /// <summary>Who sleeps for which page, in a deadlock.</summary>
    public ValueArray<Waiter>? Waiting { get; init; }

    /// <summary>Who holds what, in a deadlock of whole operations.</summary>
    public DeadlockGraph? Graph { get; init; }
}

/// <summary>A sleeping task and the page it wants.</summary>
public readonly record struct Waiter(int Task, int Page);

/// <summary>A deadlock as a graph of slots and tasks.</summary>
/// <param name="Slots">Every slot in use.</param>
/// <param name="WaitFor">Every sleeper with the tasks any of which could free it.</param>
public sealed record DeadlockGraph(ValueArray<HeldSlot> Slots, ValueArray<WaitEdges> WaitFor);

/// <summary>A slot in use; a task is among its holders once for each open use.</summary>
public readonly record struct HeldSlot(int Slot, int Page, int Count, ValueArray<int> Holders);

/// <summary>A sleeping task and those it waits for, any of whom will do.</summary>
public readonly record struct WaitEdges(int Task, ValueArray<int> For);
