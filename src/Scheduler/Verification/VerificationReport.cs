using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Progress;

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

    /// <summary>
    /// The most transitions on a shortest way to a state (breadth first), or on the search path (depth first).
    /// </summary>
    public required int MaxDepth { get; init; }

    /// <summary>
    /// Bytes of all tables that keep states, without the frontier and without the graph for liveness.
    /// </summary>
    public required long TableBytes { get; init; }

    /// <summary>Bytes of the graph for liveness; 0 if there is none.</summary>
    public long GraphBytes { get; init; }

    /// <summary>Bytes of states, visited or still to be searched, that went to disk.</summary>
    public long SpilledBytes { get; init; }

    /// <summary>What is wrong, and the way there; null unless violated.</summary>
    public Counterexample? Counterexample { get; init; }

    /// <summary>Why the search gave up; null unless inconclusive.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Of the transitions, those that another process has tried, whose search was gone on with.
    /// </summary>
    public long TransitionsBefore { get; init; }

    /// <summary>
    /// Steps were fused, so states, transitions and depth are those of a machine that fuses; the schedules are
    /// everybody's. False where fusion was not asked for, was dropped, or cannot be.
    /// </summary>
    public bool Fused { get; init; }

    /// <summary>
    /// Why the search was done again without fusion, although that was asked for; null if it was not.
    /// </summary>
    public string? FusionDropped { get; init; }

    /// <summary>
    /// Why the search was done again with every task told apart, although symmetry was asked for; null if it was not.
    /// </summary>
    public string? SymmetryDropped { get; init; }

    /// <summary>
    /// Why states were not rewritten into equivalent ones, although the scenario can
    /// (<see cref="Kernel.IProofHints.Canonicalize"/>); null if they were, or were not to be.
    /// </summary>
    public string? CanonicalFormsDropped { get; init; }

    /// <summary>What can be said about progress; null unless nothing is wrong in any state.</summary>
    public ProgressReport? Progress { get; init; }

    /// <summary>
    /// A bound on the probability that a hash collision has hidden a state: n^2 / 2 pairs of n states, each of which
    /// collides with at most 2^-97 over the choice of the hash's keys; and as many pairs of stacks, whose hashes have
    /// 128 bits. 0 when whole states are kept.
    /// </summary>
    public double OmissionProbability { get; init; }
}

/// <summary>The verdicts.</summary>
public enum Verdict
{
    /// <summary>
    /// All states were reached, nothing is wrong in any of them, and from each of them every task can finish what it
    /// does.
    /// </summary>
    Verified,

    /// <summary>
    /// All states were reached and nothing is wrong in any of them; whether tasks can always finish was not proved.
    /// </summary>
    VerifiedSafety,

    /// <summary>Something is wrong; there is a schedule that shows it.</summary>
    Violated,

    /// <summary>The search ended before it was complete.</summary>
    Inconclusive,
}

/// <summary>The names of verdicts in reports.</summary>
public static class VerdictNames
{
    /// <summary>verified-safety of VerifiedSafety.</summary>
    public static string Name(this Verdict verdict) => verdict switch
    {
        Verdict.Verified => "verified",
        Verdict.VerifiedSafety => "verified-safety",
        Verdict.Violated => "violated",
        _ => "inconclusive",
    };

    /// <summary>Nothing is wrong in any state, whatever is known of progress.</summary>
    public static bool IsVerified(this Verdict verdict) => verdict is Verdict.Verified or Verdict.VerifiedSafety;
}

/// <summary>A schedule that leads to a violation, on a machine that does not fuse.</summary>
/// <param name="Finding">What is wrong.</param>
/// <param name="Schedule">The transitions from the start.</param>
public sealed record Counterexample(Finding Finding, Transition[] Schedule)
{
    /// <summary>
    /// For an endless run: how many transitions at the end lead back to the state they began in; otherwise 0.
    /// </summary>
    public int Loop { get; init; }

    /// <summary>No way to a failure is shorter.</summary>
    public bool IsShortest { get; init; }

    /// <summary>The transitions to the failure that the search found first, if it fused them; otherwise null.</summary>
    public int? FusedLength { get; init; }
}

/// <summary>What the graph of all states says about progress.</summary>
public sealed record ProgressReport
{
    /// <summary>Why progress was not proved; null if it was.</summary>
    public string? WhyNot { get; init; }

    /// <summary>
    /// A fair run on which a task is woken for ever and never finishes, although it could; null if none was found.
    /// </summary>
    public Lasso? Starvation { get; init; }

    /// <summary>Why such a run was not looked for; null if it was.</summary>
    public string? StarvationNotSought { get; init; }
}
