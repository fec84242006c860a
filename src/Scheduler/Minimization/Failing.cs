using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>A schedule that shows a failure.</summary>
/// <param name="Schedule">The transitions, in order.</param>
/// <param name="Preemptions">Switches away from a context that could have gone on, among them.</param>
/// <param name="Finding">What it shows.</param>
public sealed record Failing(Transition[] Schedule, int Preemptions, Finding Finding)
{
    /// <summary>The number of transitions.</summary>
    public int Steps => Schedule.Length;

    /// <summary>Whether this one is easier to understand: fewer preemptions first, then fewer steps.</summary>
    internal bool IsSmallerThan(Failing other) => (Preemptions, Steps).CompareTo((other.Preemptions, other.Steps)) < 0;
}
