using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>Something wrong: in a state, or in what a transition out of it does.</summary>
internal sealed record Violation(Finding Finding, int State, ulong StateHash, Transition? Transition)
    : IComparable<Violation>
{
    public int CompareTo(Violation? other)
    {
        // A state that is wrong itself is reached one transition earlier.
        int byLength = (Transition is not null).CompareTo(other!.Transition is not null);
        if (byLength != 0)
            return byLength;

        int byState = StateHash.CompareTo(other.StateHash);
        return byState != 0 ? byState : (Transition?.Code ?? 0).CompareTo(other.Transition?.Code ?? 0);
    }
}
