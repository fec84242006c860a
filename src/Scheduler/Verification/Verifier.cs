using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Scheduler.Verification.Runs;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Explicit-state model checking of kernel code: reaches every state of a machine, through every transition.
/// </summary>
/// <remarks>
/// If tasks repeat their work for ever and the search ends, it has proved the code for unboundedly many rounds. Breadth
/// first, level by level, so that a counterexample is a shortest one; the result does not depend on the number of
/// threads. It drops each reduction against which something speaks, and searches again.
/// </remarks>
public sealed class Verifier(MachineImage image, VerifierOptions options)
{
    private const string Rewriting =
        "nobody can tell whether a rewriting of the scenario's own (Canonicalize) leads to the same: use "
        + "DeclareInterchangeableRecords";

    /// <summary>
    /// Called now and then, from the thread that runs the search, with the states and transitions so far.
    /// </summary>
    public Action<long, long>? Progress { get; set; }

    /// <summary>
    /// Called once, from the thread that runs the search, if something grows for so long that the search may never end.
    /// </summary>
    public Action<string>? Warning { get; set; }

    /// <summary>
    /// Boots the same machine once more, with a scenario object of its own, on which whatever is reported is run first;
    /// null to use the image itself.
    /// </summary>
    public Func<MachineImage>? Boot { get; init; }

    /// <summary>Searches until every state is reached, something is wrong, or the limits are met.</summary>
    public VerificationReport Run(CancellationToken cancellation = default)
    {
        if (image.Contexts > Transition.MaxSmall)
        {
            throw new UsageException(
                $"{image.Contexts} tasks and interrupt handlers: exhaustive search takes up to {Transition.MaxSmall}");
        }

        if (Boot is not null && image.FindDifference(Boot()) is { } difference)
            return Refused(difference);

        try
        {
            VerificationReport report = WithoutRewriting(Searched(cancellation));
            return report.Counterexample is { Finding.Class: FailureClass.Nondeterminism } found
                && new OutsideRun(FreshPlain).FindBetterThan(found.Schedule) is { } schedule
                ? report with { Counterexample = new Counterexample(found.Finding, schedule) }
                : report;
        }
        catch (StepMemoException)
        {
            // State outside the machine shows in this way, too, and who performs every step says it better.
            if (DependsOnOutside(cancellation) is { } outside)
                return outside;

            throw;
        }
    }

    /// <summary>Whoever rewrites states in a way of its own is told that nobody does so for it.</summary>
    private VerificationReport WithoutRewriting(VerificationReport report) =>
        image.Hints.HasRewritings && options is { Symmetry: true, CanonicalForms: true }
            ? report with { CanonicalFormsDropped = report.CanonicalFormsDropped ?? Rewriting }
            : report;

    private VerificationReport Searched(CancellationToken cancellation)
    {
        if (Without(KnownObstacles(), cancellation) is { } reduced)
            return reduced;

        (VerificationReport report, Obstacles obstacles) = Search(cancellation);
        if (report.Counterexample is not null && !options.CountAll)
            return OnEverybodysMachine(report, cancellation); // It has been replayed, so it stands.

        obstacles = obstacles with { ToFusion = report.Counterexample is null ? obstacles.ToFusion : null };
        options.Checkpoint?.Note(obstacles.First);
        return Without(obstacles.First, cancellation) ?? OnEverybodysMachine(report, cancellation);
    }

    /// <summary>
    /// What speaks against reductions before anything is searched: of the machine, and what has done so when a search
    /// began with which this one goes on.
    /// </summary>
    private Obstacles KnownObstacles()
    {
        Obstacles known = options.Checkpoint?.Known ?? default;
        string? sight = image.WithFusion(true).Fuses && image.SeesSections is { } check
            ? $"{check} may see what happens in lock sections"
            : null;
        return new Obstacles(
            options.Fusion ? sight ?? known.ToFusion : null,
            options.TaskSymmetry ? known.ToSymmetry : null,
            options.CanonicalForms ? known.ToCanonicalForms : null).First;
    }

    /// <summary>
    /// What a search without the reduction says against which something speaks; null if nothing does.
    /// </summary>
    private VerificationReport? Without(Obstacles one, CancellationToken cancellation)
    {
        if (one.ToCanonicalForms is { } renumbered)
            return Again(options with { CanonicalForms = false }, cancellation) with
            {
                CanonicalFormsDropped = renumbered,
            };

        if (one.ToSymmetry is { } asymmetry)
            return Again(options with { TaskSymmetry = false }, cancellation) with { SymmetryDropped = asymmetry };

        return one.ToFusion is { } obstacle
            ? Again(options with { Fusion = false }, cancellation) with { FusionDropped = obstacle }
            : null;
    }

    private (VerificationReport Report, Obstacles Obstacles) Search(CancellationToken cancellation)
    {
        // Its tables are freed before another one begins.
        bool areAlike = options is { Symmetry: true, TaskSymmetry: true };
        MachineImage searched = image.WithFusion(options.Fusion).WithLikeTasks(areAlike);
        using var search = new ExhaustiveSearch(searched, options, Fresh) { Progress = Progress, Warning = Warning };
        return (search.Run(cancellation), search.Obstacles);
    }

    /// <summary>
    /// What a search that performs every step says, if it is that something outside the machine is changed; else null.
    /// </summary>
    private VerificationReport? DependsOnOutside(CancellationToken cancellation)
    {
        VerificationReport report = Again(options with { Memo = null, Checkpoint = null }, cancellation);
        return report.Counterexample?.Finding.Class == FailureClass.Nondeterminism ? report : null;
    }

    /// <summary>The same report with schedules of a machine that does not fuse.</summary>
    private VerificationReport OnEverybodysMachine(VerificationReport report, CancellationToken cancellation)
    {
        if (!report.Fused)
            return report;

        if (new UnfusedRuns(Fresh, FreshPlain).Of(report) is not { } unfused)
        {
            var mistake = new Obstacles(UnfusedRuns.Mistake, null, null);
            options.Checkpoint?.Note(mistake);
            return Without(mistake, cancellation)!;
        }

        if (options is not { ShortestWay: true, CountAll: false } || unfused.Counterexample is not { Loop: 0 } failure)
            return unfused;

        // A second search would begin with what the first has left outside the machine, and blame its first step.
        return failure.Finding.Class == FailureClass.Nondeterminism
            ? unfused
            : unfused with { Counterexample = Shortest(failure, cancellation) };
    }

    /// <summary>
    /// A way that is shortest in steps of everybody's machine, which stops at more places: such failures are near the
    /// start. The known one if none is found within the limits.
    /// </summary>
    private Counterexample Shortest(Counterexample known, CancellationToken cancellation)
    {
        VerifierOptions unfused = options with { Fusion = false, Progress = false, Checkpoint = null };
        var plain = new Verifier(image, unfused) { Boot = Boot };
        if (plain.Run(cancellation).Counterexample is not { } found)
            return known;

        // What depends on something outside the machine may be seen on any way.
        bool isLonger = found.IsShortest && found.Schedule.Length > known.Schedule.Length;
        if (isLonger && known.Finding.Class != FailureClass.Nondeterminism)
        {
            throw new InvalidOperationException(
                $"a shortest way to a failure ({found.Schedule.Length} steps) is longer than another "
                + $"({known.Schedule.Length}): the search is wrong, please report it");
        }

        return found with { FusedLength = known.FusedLength };
    }

    private VerificationReport Again(VerifierOptions reduced, CancellationToken cancellation) =>
        new Verifier(image, reduced) { Progress = Progress, Warning = Warning, Boot = Boot }.Run(cancellation);

    private MachineImage Fresh() => FreshPlain().WithFusion(options.Fusion);

    private MachineImage FreshPlain() => (Boot?.Invoke() ?? image).WithFusion(false);

    /// <summary>A machine that is another one at each boot is not searched.</summary>
    private static VerificationReport Refused(Finding finding) => new()
    {
        Verdict = Verdict.Violated,
        States = 0,
        Transitions = 0,
        Deadlocks = 0,
        FinalStates = 0,
        MaxDepth = 0,
        TableBytes = 0,
        Counterexample = new Counterexample(finding, []) { IsShortest = true },
    };
}
