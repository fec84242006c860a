using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.Checkpoints;

namespace Kmaplab.Scheduler.Verification;

/// <summary>How a <see cref="Verifier"/> searches.</summary>
public sealed record VerifierOptions
{
    private const long MemoryMaxLeast = 64 << 20;

    /// <summary>Threads that search. The result does not depend on it.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>A search that has more states than this gives up; one that has just as many is finished.</summary>
    public long StatesMax { get; init; } = 1_000_000_000;

    /// <summary>
    /// Bytes that the tables may take; the frontier goes to disk before they are full. Half of what the process may
    /// use, unless given.
    /// </summary>
    public long MemoryMax { get; init; } = Math.Max(MemoryMaxLeast, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>Where the frontier goes when memory runs short.</summary>
    public string SpillDirectory { get; init; } = Path.GetTempPath();

    /// <summary>
    /// Bytes that the frontier may take on disk; null for half of what is free there when it goes there.
    /// </summary>
    public long? DiskMax { get; init; }

    /// <summary>
    /// Where the search is kept, so that it can be gone on with by another process; null not to. Only breadth first,
    /// and not with <see cref="IsExact"/> or <see cref="CountAll"/>.
    /// </summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Keep whole states instead of their hashes.</summary>
    public bool IsExact { get; init; }

    /// <summary>Depth first: less memory, but no shortest counterexamples. One thread.</summary>
    public bool IsDepthFirst { get; init; }

    /// <summary>Go on after a violation, and count deadlocks and final states.</summary>
    public bool CountAll { get; init; }

    /// <summary>
    /// Also keep the graph of states, and prove that every task can always finish. Not together with
    /// <see cref="CountAll"/>.
    /// </summary>
    public bool Progress { get; init; } = true;

    /// <summary>States above which the graph is not kept, so that progress is not proved.</summary>
    public int ProgressStatesMax { get; init; } = 10_000_000;

    /// <summary>
    /// Let steps run on through what no other CPU can observe, as long as nothing has spoken against it: fewer states.
    /// What is reported is un-fused, so it is a run of everybody's machine.
    /// </summary>
    public bool Fusion { get; init; }

    /// <summary>
    /// Where a search that fuses has found a failure, search without fusion, too, for a shortest way to it. Otherwise
    /// the way is one with the fewest fused steps.
    /// </summary>
    public bool ShortestWay { get; init; } = true;

    /// <summary>Treat tasks, pages and records that are interchangeable as the same.</summary>
    public bool Symmetry { get; init; } = true;

    /// <summary>How steps are looked up that were made before; null to perform each.</summary>
    public MemoOptions? Memo { get; init; } = new();

    /// <summary>
    /// Tasks may go on for ever, so a number that has grown even a few times is worth a hint when a search gives up.
    /// </summary>
    public bool MayRunForEver { get; init; } = true;

    /// <summary>
    /// Shortest ways to look at for one with the fewest preemptions; beyond, any shortest counterexample will do.
    /// </summary>
    internal int ShortestWaysMax { get; init; } = 500_000;

    /// <summary>
    /// States, roughly, with which visited states go to disk, whatever memory there is; null for as many as fit.
    /// </summary>
    internal int? StatesInMemoryMax { get; init; }

    /// <summary>Of these the tasks with their pages, as long as nothing has spoken against it.</summary>
    internal bool TaskSymmetry { get; init; } = true;

    /// <summary>
    /// With <see cref="Symmetry"/>, also let the scenario rewrite states
    /// (<see cref="Kernel.IProofHints.Canonicalize"/>).
    /// </summary>
    internal bool CanonicalForms { get; init; } = true;

    /// <summary>
    /// Fuse although something was met that speaks against it: wrong, and there to show that a comparison of verdicts
    /// notices.
    /// </summary>
    internal bool TrustsFusion { get; init; }

    /// <summary>
    /// Do not try steps under other names: wrong, and there to show that a comparison of verdicts notices.
    /// </summary>
    internal bool TrustsSymmetry { get; init; }
}
