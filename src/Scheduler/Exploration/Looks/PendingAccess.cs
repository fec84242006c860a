using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Exploration.Looks;

/// <summary>What a transition is going to touch.</summary>
/// <param name="Object">The address of a lock, a queue or a word; negative for what has none, and -1 for
/// nothing.</param>
/// <param name="IsWrite">Whether whoever touches the same sees the difference.</param>
/// <param name="Sleep">Its part in sleeping and waking.</param>
internal readonly record struct PendingAccess(int Object, bool IsWrite, SleepPart Sleep)
{
    internal const int Nothing = -1;

    /// <summary>Objects without an address have numbers above minus this, below 0.</summary>
    internal const int Unnumbered = 8;

    private const int Tlbs = -2;

    /// <summary>What touches nothing.</summary>
    internal static PendingAccess None => new(Nothing, false, SleepPart.None);

    /// <summary>Whether a context that touches it writes it, whatever is there.</summary>
    internal bool IsAlwaysWrite => Object == Tlbs || Sleep == SleepPart.Wakes;

    /// <summary>What a transition of a machine that stands before it is going to touch.</summary>
    internal static PendingAccess Of(Machine machine, Transition transition) => transition.Kind switch
    {
        TransitionKind.Step => OfStep(machine, transition.Subject),
        TransitionKind.Acknowledge => new PendingAccess(Tlbs, true, SleepPart.None),
        _ => None,
    };

    /// <summary>What an operation touches that changes its target, or does not.</summary>
    internal static PendingAccess Of(Operation operation, bool writes)
    {
        OperationRow row = OperationTable.Of(operation.Kind);
        bool wakes = row.Effect == OperationEffect.Wakes;
        return row.Target switch
        {
            OperationTarget.None => None,
            OperationTarget.OwnState => new PendingAccess(Nothing, false, SleepPart.Sleeps),
            OperationTarget.Place => new PendingAccess(Tlbs, false, SleepPart.None),
            OperationTarget.Tlbs => new PendingAccess(Tlbs, true, SleepPart.None),
            _ => new PendingAccess(operation.Target, wakes || writes, wakes ? SleepPart.Wakes : SleepPart.None),
        };
    }

    /// <summary>Whether the order of this one and of another that may happen makes a difference.</summary>
    internal bool RacesWith(Machine machine, Transition other)
    {
        // Most others are about something else, which a look at one word tells.
        bool isElsewhere = Object >= 0 && Sleep == SleepPart.None
            && (other.Kind != TransitionKind.Step || machine.Tasks.Target(other.Subject) != Object);
        return !isElsewhere && RacesWith(Of(machine, other));
    }

    /// <summary>Whether the order of the two makes a difference.</summary>
    internal bool RacesWith(PendingAccess other) =>
        (Object == other.Object && Object != Nothing && (IsWrite || other.IsWrite))
        || (Sleep | other.Sleep) == (SleepPart.Sleeps | SleepPart.Wakes);

    private static PendingAccess OfStep(Machine machine, int context)
    {
        Operation operation = machine.Tasks.Pending(context);
        return Of(operation, OperationTable.Of(operation.Kind).Writes(operation, machine.Memory));
    }
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
