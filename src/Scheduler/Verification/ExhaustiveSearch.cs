using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// One search of a machine with the reductions that it is given: what it shows, and what speaks against each of them.
/// </summary>
internal sealed class ExhaustiveSearch : IDisposable
{
    private readonly MachineImage _image;
    private readonly VerifierOptions _options;
    private readonly Func<MachineImage> _fresh;
    private readonly SharedSearch _shared;
    private readonly SearchWorker[] _workers;
    private readonly Confirmation _confirmation;

    /// <param name="image">What is searched.</param>
    /// <param name="options">How.</param>
    /// <param name="fresh">Boots it anew.</param>
    internal ExhaustiveSearch(MachineImage image, VerifierOptions options, Func<MachineImage> fresh)
    {
        _image = image;
        _options = options;
        _fresh = fresh;
        int jobs = options.IsDepthFirst ? 1 : Math.Max(1, options.Jobs);
        _shared = new SharedSearch(image, options, jobs);
        _workers = [.. Enumerable.Range(0, jobs).Select(worker => new SearchWorker(image, _shared, worker))];
        _confirmation = new Confirmation(image, options, _shared, _workers[0], fresh);
    }

    /// <summary>Called after each level with the states and transitions so far.</summary>
    internal Action<long, long>? Progress { get; init; }

    /// <summary>Called once if something grows for so long that the search may never end.</summary>
    internal Action<string>? Warning { get; init; }

    /// <summary>What speaks against each reduction; known when the search has ended.</summary>
    internal Obstacles Obstacles => new(
        _confirmation.MistakeOfFusion ?? (_options.TrustsFusion ? null : SearchWorker.ObstacleToFusion(_workers)),
        _shared.ObstacleToSymmetry,
        _shared.ObstacleToCanonicalForms);

    /// <summary>
    /// Transitions of which recorded steps have told where they lead to, so that they were not performed. Several
    /// threads share them otherwise each time.
    /// </summary>
    internal long Derived => _workers.Sum(worker => worker.Derived);

    /// <summary>States of which a check had to be asked, as what it looks at was not known to be in order.</summary>
    internal long Asked => _workers.Sum(worker => worker.Asked);

    /// <summary>Searches. The report holds if there is no obstacle, or if it has a counterexample.</summary>
    internal VerificationReport Run(CancellationToken cancellation)
    {
        var stop = new StopReasons(_image, _options, _shared, _workers, cancellation) { Warning = Warning };
        using ISearchOrder order = _options.IsDepthFirst
            ? new DepthFirstSearch(_shared, _workers[0], _options, stop)
            : new BreadthFirstSearch(_image, _shared, _workers, _options, stop, cancellation) { Progress = Progress };
        try
        {
            string? reason = order.Run();
            return Finish(order.FirstViolation, order, reason, cancellation);
        }
        catch (OutOfMemoryException)
        {
            // States were lost, but what has been found stands, as it is run again.
            _shared.RunOutOfMemory();
            Violation? first = _workers.Select(worker => worker.FirstViolation).OfType<Violation>().Min();
            return Finish(first, order, _shared.FullReason, cancellation);
        }
    }

    public void Dispose() => _shared.Dispose();

    private VerificationReport Finish(
        Violation? first, ISearchOrder order, string? reason, CancellationToken cancellation)
    {
        reason ??= _shared.FullReason; // Whatever else went well: states may be lost.
        Counterexample? counterexample = first is null ? null : _confirmation.Of(first, cancellation);

        // A search that was stopped may not have seen all of the last level.
        bool isShortest = !_options.IsDepthFirst && !_options.CountAll && !_image.Fuses && reason is null;
        bool isComplete = first is null && reason is null;
        long states = SearchWorker.States(_workers);
        if (isComplete && _workers.Sum(worker => worker.Expanded) != states)
            throw new InvalidOperationException("not every state was expanded once: the search is wrong");

        var report = new VerificationReport
        {
            Verdict = first is not null ? Verdict.Violated : isComplete ? Verdict.VerifiedSafety : Verdict.Inconclusive,
            States = states,
            Transitions = _workers.Sum(worker => worker.Transitions),
            TransitionsBefore = order.TransitionsBefore,
            Deadlocks = _workers.Sum(worker => worker.Deadlocks),
            FinalStates = _workers.Sum(worker => worker.FinalStates),
            MaxDepth = order.Depth,
            TableBytes = _shared.TableBytes,
            GraphBytes = _workers.Sum(worker => worker.EdgeBytes),
            SpilledBytes = _shared.Budget.Disk.Written,
            Counterexample = counterexample is null ? null : counterexample with { IsShortest = isShortest },
            Reason = reason,
            Fused = _image.Fuses,
            OmissionProbability = _options.IsExact ? 0 : OmissionProbability(states),
        };
        if (!isComplete || (_shared.ObstacleToSymmetry ?? _shared.ObstacleToCanonicalForms) is not null)
            return report;

        return _confirmation.FindWayThatLeadsElsewhere() is { } elsewhere
            ? report with { Verdict = Verdict.Violated, Counterexample = elsewhere }
            : new ProgressProof(_image, _shared, _workers[0].RealNames, _fresh).AddTo(report);
    }

    // Two states can be taken for one because their hashes are equal, or because two of their stacks have the same
    // hash. What a check has seen is kept with 32 bits more (CleanKeys), which adds nothing to it that could be seen.
    private double OmissionProbability(long states) =>
        (Math.Pow(states, 2) / 2 * StateHasher.CollisionProbability)
        + (Math.Pow(_shared.Frames.Count, 2) / 2 * Math.Pow(2, -128));
}
