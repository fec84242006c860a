using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Explicit-state model checking of kernel code: reaches every state of a machine, through every transition.
/// </summary>
/// <remarks>
/// If tasks repeat their work for ever and the search ends, it has proved the code for unboundedly many rounds. Breadth
/// first, level by level, so that a counterexample is a shortest one; the result does not depend on the number of
/// threads.
/// </remarks>
public sealed class Verifier(MachineImage image, VerifierOptions options)
{
    private const int WaysMax = 128; // Ways to states that are gone again by the search's machine.
    private const int FreshWaysMax = 32; // And by machines that were booted anew, step by step.

    private const int BytesForWay = 256; // With its state, roughly.

    private readonly MachineImage _searched = image.WithFusion(options.Fusion);
    private readonly UnboundedCounters _unbounded = new(image);
    private bool _hasWarned;
    private int _depth; // Of the level that is searched.
    private string? _mistakeOfFusion; // What the search has found and does not happen, although it told all tasks apart.

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
        if (Boot is not null && image.FindDifference(Boot()) is { } difference)
            return Refused(difference);

        (VerificationReport report, Obstacles obstacles) = Search(cancellation);
        if (report.Counterexample is not null && !options.CountAll)
            return OnEverybodysMachine(report, cancellation); // It has been replayed, so it stands.

        if (obstacles.ToCanonicalForms is { } renumbered)
            return Again(options with { CanonicalForms = false }, cancellation) with { CanonicalFormsDropped = renumbered };

        if (obstacles.ToSymmetry is { } asymmetry)
            return Again(options with { TaskSymmetry = false }, cancellation) with { SymmetryDropped = asymmetry };

        return obstacles.ToFusion is { } obstacle && report.Counterexample is null
            ? WithoutFusion(obstacle, cancellation)
            : OnEverybodysMachine(report, cancellation);
    }

    private VerificationReport WithoutFusion(string obstacle, CancellationToken cancellation) =>
        Again(options with { Fusion = false }, cancellation) with { FusionDropped = obstacle };

    /// <summary>The same report with schedules of a machine that does not fuse.</summary>
    private VerificationReport OnEverybodysMachine(VerificationReport report, CancellationToken cancellation)
    {
        if (!report.Fused)
            return report;

        if (new UnfusedRuns(Fresh, FreshPlain).Of(report) is not { } unfused)
            return WithoutFusion(UnfusedRuns.Mistake, cancellation);

        return options is { ShortestWay: true, CountAll: false } && unfused.Counterexample is { Loop: 0 } failure
            ? unfused with { Counterexample = Shortest(failure, cancellation) }
            : unfused;
    }

    /// <summary>
    /// A way that is shortest in steps of everybody's machine, which stops at more places: such failures are near the
    /// start. The known one if none is found within the limits.
    /// </summary>
    private Counterexample Shortest(Counterexample known, CancellationToken cancellation)
    {
        var plain = new Verifier(image, options with { Fusion = false, Progress = false }) { Boot = Boot };
        if (plain.Run(cancellation).Counterexample is not { } found)
            return known;

        // What depends on something outside the machine may be seen on any way.
        bool isLonger = found.IsShortest && found.Schedule.Length > known.Schedule.Length;
        if (isLonger && known.Finding.Class != FailureClass.Nondeterminism)
            throw new InvalidOperationException($"a shortest way to a failure ({found.Schedule.Length} steps) is longer than another ({known.Schedule.Length}): the search is wrong, please report it");

        return found with { FusedLength = known.FusedLength };
    }

    private VerificationReport Again(VerifierOptions reduced, CancellationToken cancellation) =>
        new Verifier(image, reduced) { Progress = Progress, Warning = Warning, Boot = Boot }.Run(cancellation);

    private (VerificationReport Report, Obstacles Obstacles) Search(CancellationToken cancellation)
    {
        int jobs = options.IsDepthFirst ? 1 : Math.Max(1, options.Jobs);
        using var search = new SharedSearch(_searched, options, jobs);
        SearchWorker[] workers = [.. Enumerable.Range(0, jobs).Select(worker => new SearchWorker(_searched, search, worker))];
        VerificationReport report;
        try
        {
            report = options.IsDepthFirst ? RunDepthFirst(search, workers[0], cancellation) : RunBreadthFirst(search, workers, cancellation);
        }
        catch (OutOfMemoryException)
        {
            // States were lost, but what has been found stands, as it is run again.
            search.RunOutOfMemory();
            report = Finish(search, workers, workers.Select(worker => worker.FirstViolation).Where(violation => violation is not null).Min(), _depth, search.FullReason, cancellation);
        }

        string? toFusion = _mistakeOfFusion ?? (options.TrustsFusion ? null : SearchWorker.ObstacleToFusion(workers));
        return (report, new Obstacles(toFusion, search.ObstacleToSymmetry, search.ObstacleToCanonicalForms));
    }

    /// <summary>What speaks against each reduction.</summary>
    private readonly record struct Obstacles(string? ToFusion, string? ToSymmetry, string? ToCanonicalForms);

    private VerificationReport RunDepthFirst(SharedSearch search, SearchWorker worker, CancellationToken cancellation)
    {
        var depthFirst = new DepthFirstSearch(search, worker, options, () => ReasonToStop(search, [worker], cancellation));
        string? reason = depthFirst.Run();
        return Finish(search, [worker], depthFirst.FirstViolation, depthFirst.Deepest, reason, cancellation);
    }

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

    // Two states can be taken for one because their hashes are equal, or because two of their stacks have the same
    // hash.
    private static double OmissionProbability(SharedSearch search, long states) =>
        (Math.Pow(states, 2) / 2 * StateHasher.CollisionProbability) + (Math.Pow(search.Frames.Count, 2) / 2 * Math.Pow(2, -128));

    private VerificationReport RunBreadthFirst(SharedSearch search, SearchWorker[] workers, CancellationToken cancellation)
    {
        var level = new Frontier(search.Budget);
        workers[0].AddStart(new FrontierWriter(level));
        Violation? first = workers[0].FirstViolation;
        _depth = 0;
        string? reason = null;
        while (level.Blocks > 0 && (first is null || options.CountAll) && reason is null)
        {
            var next = new Frontier(search.Budget);
            foreach (SearchWorker worker in workers)
                worker.BeginLevel();

            search.Tree.BeginLevel(search.IsShared ? search.NumbersTaken : (int)States(workers));
            ExpandInParallel(search, level, next, workers, cancellation);
            level.Dispose();
            level = next;
            foreach (SearchWorker worker in workers)
            {
                if (worker.FirstViolation is { } violation && (first is null || (!options.CountAll && violation.CompareTo(first) < 0)))
                    first = violation;
            }

            if (level.Blocks > 0)
                _depth++;

            if (level.Blocks > 0 || search.IsFull || cancellation.IsCancellationRequested)
                reason = ReasonToStop(search, workers, cancellation);

            Progress?.Invoke(States(workers), workers.Sum(worker => worker.Transitions));
        }

        bool isComplete = level.Blocks == 0 && reason is null;
        level.Dispose();
        return Finish(search, workers, first, _depth, isComplete ? null : reason, cancellation);
    }

    private static void ExpandInParallel(SharedSearch search, Frontier level, Frontier next, SearchWorker[] workers, CancellationToken cancellation)
    {
        int nextBlock = 0;
        if (workers.Length == 1 || level.Blocks == 1)
        {
            workers[0].ExpandLevel(level, new FrontierWriter(next), ref nextBlock, cancellation);
            return;
        }

        Exception? crash = null;
        Thread[] threads = [.. workers.Select(worker => new Thread(() =>
        {
            try
            {
                worker.ExpandLevel(level, new FrontierWriter(next), ref nextBlock, cancellation);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref crash, exception, null);
                if (exception is OutOfMemoryException)
                    search.RunOutOfMemory(); // The others stop, too.
            }
        }))];
        int started = 0;
        try
        {
            for (; started < threads.Length; started++)
                threads[started].Start();
        }
        catch (OutOfMemoryException)
        {
            search.RunOutOfMemory(); // There is no memory for another thread.
            throw;
        }
        finally
        {
            foreach (Thread thread in threads[..started])
                thread.Join(); // They use the tables, which are freed after this.
        }

        if (crash is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(crash);
    }

    private static long States(SearchWorker[] workers) => workers.Sum(worker => worker.NewStates);

    private string? ReasonToStop(SharedSearch search, SearchWorker[] workers, CancellationToken cancellation)
    {
        if (search.DropsGraph(States(workers)))
        {
            foreach (SearchWorker worker in workers)
                worker.DropEdges();
        }

        if (cancellation.IsCancellationRequested)
            return "interrupted";

        if (!options.TrustsFusion && Array.Exists(workers, worker => worker.HasMetObstacle))
            return "steps must not be fused";

        _unbounded.Look(workers, search.Frames);
        string? growing = _unbounded.Find(search.Frames);
        if (growing is not null && !_hasWarned)
        {
            _hasWarned = true;
            Warning?.Invoke($"perhaps not finite-state: {growing}; the search goes on, and ends if that does");
        }

        string? full = search.FullReason ?? (search.HasTooMany(States(workers)) ? search.TooMany : null);
        if (full is null)
            return null;

        growing ??= options.MayRunForEver ? _unbounded.Suspect() : null;
        return growing is not null ? $"{full}; perhaps not finite-state: {growing}; what runs for ever must not count for ever" : full;
    }

    private VerificationReport Finish(SharedSearch search, SearchWorker[] workers, Violation? first, int depth, string? reason, CancellationToken cancellation)
    {
        reason ??= search.FullReason; // Whatever else went well: states may be lost.
        Counterexample? counterexample = first is null ? null : Replayed(search, first, workers[0].RealNames.Of(WayTo(search, first)));
        if (counterexample is not null && !options.IsDepthFirst)
            counterexample = WithFewestPreemptions(search, workers[0], first!, counterexample, cancellation);

        // A search that was stopped may not have seen all of the last level.
        bool isShortest = !options.IsDepthFirst && !options.CountAll && !_searched.Fuses && reason is null;
        counterexample = counterexample is null ? null : counterexample with { IsShortest = isShortest };

        bool isComplete = first is null && reason is null;
        var report = new VerificationReport
        {
            Verdict = first is not null ? Verdict.Violated : isComplete ? Verdict.VerifiedSafety : Verdict.Inconclusive,
            States = States(workers),
            Transitions = workers.Sum(worker => worker.Transitions),
            Deadlocks = workers.Sum(worker => worker.Deadlocks),
            FinalStates = workers.Sum(worker => worker.FinalStates),
            MaxDepth = depth,
            TableBytes = search.TableBytes,
            GraphBytes = workers.Sum(worker => worker.EdgeBytes),
            SpilledBytes = search.Budget.Disk.Written,
            Counterexample = counterexample,
            Reason = reason,
            Fused = _searched.Fuses,
            OmissionProbability = options.IsExact ? 0 : OmissionProbability(search, States(workers)),
        };
        if (!isComplete || search.ObstacleToSymmetry is not null || search.ObstacleToCanonicalForms is not null)
            return report;

        return FindWayThatLeadsElsewhere(search, workers[0]) is { } elsewhere
            ? report with { Verdict = Verdict.Violated, Counterexample = elsewhere }
            : WithProgressIfMemoryLasts(report, search, workers[0].RealNames);
    }

    private VerificationReport WithProgressIfMemoryLasts(VerificationReport report, SharedSearch search, RealNames names)
    {
        try
        {
            return WithProgress(report, search, names);
        }
        catch (OutOfMemoryException)
        {
            return report with { Progress = new ProgressReport { WhyNot = "memory ran out for the graph of states" } };
        }
    }

    private VerificationReport WithProgress(VerificationReport report, SharedSearch search, RealNames names)
    {
        if (search.Graph is not { } graph)
            return report with { Progress = new ProgressReport { WhyNot = search.NoGraph ?? "it was not asked for" } };

        graph.Seal(search.NumbersTaken);
        var check = new ProgressCheck(graph, search.Tree, _searched);
        var realizer = new LassoRealizer(_searched, names);
        if (check.FindFailure() is { } endless)
        {
            Lasso? run = realizer.Realize(endless, search.Tree.WayTo(endless.Entry));
            Counterexample? counterexample = run is null ? null : EndlessRunReplay.Confirm(Fresh(), endless.Kind, run);
            if (counterexample is not null)
                return report with { Verdict = Verdict.Violated, Counterexample = counterexample };

            if (search.HasTaskSymmetry)
                search.RefuseSymmetry("an endless run that it found does not come back under the tasks' own names");

            return report with { Progress = new ProgressReport { WhyNot = "an endless run was found that does not come back within reach" } };
        }

        if (!check.CanFindStarvation)
            return report with { Verdict = Verdict.Verified, Progress = new ProgressReport { StarvationNotSought = "too many states for that" } };

        Lasso? starvation = check.FindStarvation() is { } starving ? realizer.Realize(starving, search.Tree.WayTo(starving.Entry)) : null;
        return report with { Verdict = Verdict.Verified, Progress = new ProgressReport { Starvation = starvation } };
    }

    /// <summary>
    /// Runs the schedule on a fresh machine: the search may have called its tasks by other names; null if it did so
    /// wrongly.
    /// </summary>
    private Counterexample? Replayed(SharedSearch search, Violation violation, Transition[] schedule)
    {
        var first = new PathRun(Fresh(), schedule);
        var second = new PathRun(Fresh(), schedule);
        if (PathRun.Difference(first, second) is { } nondeterminism)
            return new Counterexample(nondeterminism, schedule);

        if (violation.Finding.Class == FailureClass.Nondeterminism)
            return new Counterexample(violation.Finding, schedule); // The search has seen it; it need not happen twice.

        bool happens = first.IsWhole;
        Machine machine = first.Machine;
        happens &= machine.Finding?.Class == violation.Finding.Class;
        if (!happens && BlamesReduction(search, $"what it found ({violation.Finding.Class.Name()}) does not happen when it is run again"))
            return null;

        if (!happens || machine.Finding is null)
            throw new InvalidOperationException($"the counterexample ({violation.Finding}) does not replay ({machine.Finding}): the search is wrong, please report it");

        return new Counterexample(machine.Finding, schedule);
    }

    /// <summary>
    /// Of all shortest counterexamples one with the fewest preemptions, unless looking for it takes too long; it was
    /// replayed like the first.
    /// </summary>
    private Counterexample WithFewestPreemptions(
        SharedSearch search, SearchWorker worker, Violation violation, Counterexample shortest, CancellationToken cancellation)
    {
        if (violation.State < 0 || shortest.Finding.Class == FailureClass.Nondeterminism)
            return shortest;

        int preemptions = new PathRun(Fresh(), shortest.Schedule).Preemptions;
        int waysMax = (int)Math.Min(options.ShortestWaysMax, options.MemoryMax / BytesForWay);
        if (worker.FindWayWithFewerPreemptions(violation, preemptions, waysMax, cancellation) is not { } way)
            return shortest;

        Transition[] schedule = worker.RealNames.Of(way);
        var first = new PathRun(Fresh(), schedule);
        bool happens = first.IsWhole && PathRun.Difference(first, new PathRun(Fresh(), schedule)) is null;
        return happens && first.Machine.Finding is { } finding ? new Counterexample(finding, schedule) : shortest;
    }

    private MachineImage Fresh() => FreshPlain().WithFusion(options.Fusion);

    private MachineImage FreshPlain() => (Boot?.Invoke() ?? image).WithFusion(false);

    /// <summary>
    /// Goes the ways to some of the states again, from the start: a way that leads elsewhere now depends on something
    /// outside the machine.
    /// </summary>
    private Counterexample? FindWayThatLeadsElsewhere(SharedSearch search, SearchWorker worker)
    {
        int sampled = Math.Min(search.NumbersTaken, WaysMax);
        MachineImage first = Fresh();
        MachineImage second = Fresh();
        for (int i = 0; i < sampled; i++)
        {
            int state = (int)((long)i * search.NumbersTaken / sampled);
            if (!search.Tree.IsState(state))
                continue;

            Transition[] way = search.Tree.WayTo(state);
            if (i % (WaysMax / FreshWaysMax) == 0 && FindDifference(first, second, worker.RealNames.Of(way)) is { } differs)
                return differs;

            if (!worker.LeadsTo(way, state))
                return Elsewhere(search, FindDifference(first, second, worker.RealNames.Of(way)), worker.RealNames.Of(way));
        }

        // Changed by a way that is none of these, or by a check of the scenario.
        return image.Outside.FindChange() is { } change ? new Counterexample(new Finding(FailureClass.Nondeterminism, change), []) : null;
    }

    /// <summary>
    /// A way of the search leads elsewhere now: whoever runs it twice sees that, or a reduction is wrong, and then the
    /// search is done again without.
    /// </summary>
    private Counterexample? Elsewhere(SharedSearch search, Counterexample? differs, Transition[] way)
    {
        const string Mistake = "a way that it went leads elsewhere when it is gone again";
        if (differs is not null)
            return differs;

        return BlamesReduction(search, Mistake) ? null : new Counterexample(PathRun.LeadsElsewhere, way);
    }

    /// <summary>
    /// Holds a mistake of the search against a reduction, so that it is done again without; false if it has none.
    /// </summary>
    private bool BlamesReduction(SharedSearch search, string mistake)
    {
        if (search.HasTaskSymmetry)
            search.RefuseSymmetry(mistake);
        else if (search.Canonicalizes)
            search.RefuseCanonicalForms(mistake);
        else if (_searched.Fuses)
            _mistakeOfFusion = mistake;
        else
            return false;

        return true;
    }

    private static Counterexample? FindDifference(MachineImage first, MachineImage second, Transition[] way) =>
        PathRun.Difference(new PathRun(first, way), new PathRun(second, way)) is { } finding ? new Counterexample(finding, way) : null;

    private static Transition[] WayTo(SharedSearch search, Violation violation)
    {
        if (violation.State < 0)
            return [];

        Transition[] way = search.Tree.WayTo(violation.State);
        return violation.Transition is { } last ? [.. way, last] : way;
    }
}
