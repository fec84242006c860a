using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Playing;

/// <summary>What a search from a state of an execution has shown.</summary>
/// <param name="Way">The transitions that lead to a failure; none if none was found.</param>
/// <param name="Finding">The failure; null if none was found.</param>
/// <param name="States">The different states that were seen, this one not counted.</param>
/// <param name="Executions">The executions from here that were drawn at random after that.</param>
public sealed record FailureSearch(IReadOnlyList<Transition> Way, Finding? Finding, int States, int Executions)
{
    /// <summary>
    /// Whether every state was seen that can be reached from here. What only shows in a run without end, as a livelock
    /// does, is no matter of states.
    /// </summary>
    public bool IsComplete { get; init; }

    /// <summary>Whether it was ended before its bounds, because somebody no longer wanted it.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Whether no way is shorter.</summary>
    public bool IsShortest => Finding is not null && Executions == 0;
}

/// <summary>How far a search from a state looks.</summary>
/// <param name="States">The most states that are seen, in the order of their distance; fewer of large machines.</param>
/// <param name="Steps">The most steps of executions that are drawn at random if that was not enough.</param>
/// <param name="Seed">Where chance begins.</param>
public readonly record struct FailureSearchBounds(int States, int Steps, ulong Seed);
