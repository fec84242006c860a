using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>What a transition is going to touch.</summary>
/// <param name="Object">The address of a lock, a queue or a word; negative for what has none, and -1 for
/// nothing.</param>
/// <param name="IsWrite">Whether whoever touches the same sees the difference.</param>
/// <param name="Sleep">Its part in sleeping and waking.</param>
internal readonly record struct PendingAccess(int Object, bool IsWrite, SleepPart Sleep)
{
    internal const int Nothing = -1;
    private const int Tlbs = -2;

    // What each kind of operation touches; looked up in every step.
    private static readonly Touch[] s_touches = [.. Enum.GetValues<OperationKind>().Select(TouchOf)];

    private enum Touch
    {
        Nothing,
        Reads,
        Writes,
        Takes,
        Exchanges,
        Wakes,
        Sleeps,
        ReadsTlb,
        WritesTlb,
    }

    /// <summary>What a transition of a machine that stands before it is going to touch.</summary>
    internal static PendingAccess Of(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Step => OfStep(machine, transition.Subject),
        TransitionKind.Acknowledge => new PendingAccess(Tlbs, true, SleepPart.None),
        _ => new PendingAccess(Nothing, false, SleepPart.None),
    };

    /// <summary>Whether the order of two transitions makes a difference.</summary>
    internal bool RacesWith(PendingAccess other) =>
        (Object == other.Object && Object != Nothing && (IsWrite || other.IsWrite))
        || (Sleep | other.Sleep) == (SleepPart.Sleeps | SleepPart.Wakes);

    private static PendingAccess OfStep(Machine machine, int context)
    {
        TaskTable tasks = machine.Tasks;
        int target = tasks.Target(context);
        return s_touches[(int)tasks.Operation(context)] switch
        {
            Touch.Writes => new PendingAccess(target, true, SleepPart.None),
            Touch.Reads => new PendingAccess(target, false, SleepPart.None),
            Touch.Takes => new PendingAccess(target, machine.Memory[target] == 0, SleepPart.None),
            Touch.Exchanges =>
                new PendingAccess(target, machine.Memory[target] == tasks.Argument(context), SleepPart.None),
            Touch.Wakes => new PendingAccess(target, true, SleepPart.Wakes),
            Touch.Sleeps => new PendingAccess(Nothing, false, SleepPart.Sleeps),
            Touch.ReadsTlb => new PendingAccess(Tlbs, false, SleepPart.None),
            Touch.WritesTlb => new PendingAccess(Tlbs, true, SleepPart.None),
            _ => new PendingAccess(Nothing, false, SleepPart.None),
        };
    }

    private static Touch TouchOf(OperationKind kind) => kind switch
    {
        OperationKind.ReadOnce or OperationKind.QueueTest or OperationKind.Await => Touch.Reads,
        OperationKind.TryAcquire => Touch.Takes,
        OperationKind.CompareExchange or OperationKind.CompareExchangeOld => Touch.Exchanges,
        OperationKind.WakeUp => Touch.Wakes,
        OperationKind.SetState or OperationKind.Schedule or OperationKind.Resume => Touch.Sleeps,
        OperationKind.Load or OperationKind.Store => Touch.ReadsTlb,
        OperationKind.FlushTlbAll or OperationKind.SendShootdown or OperationKind.AwaitShootdown => Touch.WritesTlb,
        OperationKind.Acquire or OperationKind.Release or OperationKind.Enqueue or OperationKind.Dequeue
            or OperationKind.WriteOnce or OperationKind.FetchAdd or OperationKind.Exchange => Touch.Writes,
        _ => Touch.Nothing,
    };
}

/// <summary>A part in sleeping and waking.</summary>
[Flags]
internal enum SleepPart
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Prepares to sleep, sleeps, or wakes.</summary>
    Sleeps = 1,

    /// <summary>Wakes others.</summary>
    Wakes = 2,
}
