using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>What an exhaustive search has shown.</summary>
public sealed record VerificationReport
{
    /// <summary>Whether it holds, does not, or is not known.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Distinct states reached.</summary>
    public required long States { get; init; }

    /// <summary>Enabled transitions, summed over all expanded states.</summary>
    public required long Transitions { get; init; }

    /// <summary>States in which nothing is enabled and somebody has not ended.</summary>
    public required long Deadlocks { get; init; }

    /// <summary>States in which everybody has ended.</summary>
    public required long FinalStates { get; init; }

    /// <summary>The most transitions on a shortest way to a state (breadth first), or on the search path (depth first).</summary>
    public required int MaxDepth { get; init; }

    /// <summary>Bytes of all tables that keep states, without the frontier and without the graph for liveness.</summary>
    public required long TableBytes { get; init; }

    /// <summary>Bytes of the graph for liveness; 0 if there is none.</summary>
    public long GraphBytes { get; init; }

    /// <summary>Bytes of frontier that went to disk.</summary>
    public long SpilledBytes { get; init; }

    /// <summary>What is wrong, and the way there; null unless violated.</summary>
    public Counterexample? Counterexample { get; init; }

    /// <summary>Why the search gave up; null unless inconclusive.</summary>
    public string? Reason { get; init; }

    /// <summary>Why the search was done again without fusion, although that was asked for; null if it was not.</summary>
    public string? FusionDropped { get; init; }

    /// <summary>What can be said about progress; null if it was not asked for.</summary>
    public LivenessReport? Liveness { get; init; }

    /// <summary>
    /// A bound on the probability that a hash collision has hidden a state: n^2 / 2 pairs of n states, each of which collides
    /// with at most 2^-97 over the choice of the hash's keys. 0 when whole states are kept.
    /// </summary>
    public double OmissionProbability { get; init; }
}

/// <summary>The verdicts.</summary>
public enum Verdict
{
    /// <summary>All states were reached and nothing is wrong in any of them.</summary>
    Verified,

    /// <summary>Something is wrong; there is a schedule that shows it.</summary>
    Violated,

    /// <summary>The search ended before it was complete.</summary>
    Inconclusive,
}

/// <summary>A schedule that leads to a violation, shortest if the search was breadth first.</summary>
/// <param name="Finding">What is wrong.</param>
/// <param name="Schedule">The transitions from the start.</param>
public sealed record Counterexample(Finding Finding, Transition[] Schedule);

/// <summary>What the reachable graph says about progress.</summary>
/// <param name="Trap">From some state on a task can never finish its operation: that task and the way there; null if there is no such state.</param>
/// <param name="Starvation">A fair run in which a task is woken for ever and never finishes; null if there is none.</param>
public sealed record LivenessReport(Trap? Trap, Lasso? Starvation);

/// <summary>A state from which a task can no longer finish its operation, whatever happens.</summary>
/// <param name="Task">The task.</param>
/// <param name="Schedule">The transitions that lead there.</param>
public sealed record Trap(int Task, Transition[] Schedule);

/// <summary>An endless run: a way to a state, and a way from there back to it.</summary>
/// <param name="Task">Who starves.</param>
/// <param name="Stem">The transitions to the loop.</param>
/// <param name="Loop">The transitions once round; every task that is not stepped is disabled somewhere on it.</param>
public sealed record Lasso(int Task, Transition[] Stem, Transition[] Loop);
