using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Runs;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// Runs what a search has found once more, on machines booted anew, and holds what does not happen there against a
/// reduction.
/// </summary>
/// <param name="image">The machine that was searched.</param>
/// <param name="options">How.</param>
/// <param name="search">The search, which has ended.</param>
/// <param name="worker">A thread of it.</param>
/// <param name="fresh">Boots the machine.</param>
internal sealed class Confirmation(
    MachineImage image, VerifierOptions options, SharedSearch search, SearchWorker worker, Func<MachineImage> fresh)
{
    private const int WaysMax = 128; // Ways to states that are gone again by the search's machine.
    private const int FreshWaysMax = 32; // And by machines that were booted anew, step by step.
    private const int RepeatedWaysMax = 8; // And twice by one machine that was booted for that.

    private const int BytesForWay = 256; // With its state, roughly.

    /// <summary>
    /// What the search has found and does not happen, although it told all tasks apart; null if there is nothing.
    /// </summary>
    internal string? MistakeOfFusion { get; private set; }

    /// <summary>
    /// The violation as a counterexample, with the fewest preemptions of the shortest; null if a reduction has made it.
    /// </summary>
    internal Counterexample? Of(Violation violation, CancellationToken cancellation)
    {
        Counterexample? found = Replayed(violation, worker.RealNames.Of(WayTo(violation)));
        return found is null || options.IsDepthFirst ? found : WithFewestPreemptions(violation, found, cancellation);
    }

    /// <summary>
    /// Goes the ways to some of the states again, from the start: a way that leads elsewhere now depends on something
    /// outside the machine.
    /// </summary>
    internal Counterexample? FindWayThatLeadsElsewhere()
    {
        int sampled = Math.Min(search.NumbersTaken, WaysMax);
        MachineImage first = fresh();
        MachineImage second = fresh();
        int ways = 0;
        for (int i = 0; i < sampled; i++)
        {
            int state = (int)((long)i * search.NumbersTaken / sampled);
            if (!search.Tree.IsState(state))
                continue;

            Transition[] way = search.Tree.WayTo(state);
            bool isRepeated = ways++ % (WaysMax / RepeatedWaysMax) == 1; // Not the way of no steps.
            if (isRepeated && FindDifferenceOfSecondRun(worker.RealNames.Of(way)) is { } changed)
                return changed;

            bool isFresh = i % (WaysMax / FreshWaysMax) == 0;
            if (isFresh && FindDifference(first, second, worker.RealNames.Of(way)) is { } differs)
                return differs;

            if (!worker.LeadsTo(way, state))
                return Elsewhere(FindDifference(first, second, worker.RealNames.Of(way)), worker.RealNames.Of(way));
        }

        // Changed by a way that is none of these, or by a check of the scenario.
        return image.Outside.FindChange() is { } change
            ? new Counterexample(new Finding(FailureClass.Nondeterminism, change), [])
            : null;
    }

    /// <summary>
    /// A way of the search leads elsewhere now: whoever runs it twice sees that, or a reduction is wrong, and then the
    /// search is done again without.
    /// </summary>
    private Counterexample? Elsewhere(Counterexample? differs, Transition[] way)
    {
        const string Mistake = "a way that it went leads elsewhere when it is gone again";
        if (differs is not null)
            return differs;

        return BlamesReduction(Mistake) ? null : new Counterexample(PathRun.LeadsElsewhere, way);
    }

    /// <summary>
    /// Holds a mistake of the search against a reduction, so that it is done again without; false if it has none.
    /// </summary>
    private bool BlamesReduction(string mistake)
    {
        if (search.HasTaskSymmetry)
            search.RefuseSymmetry(mistake);
        else if (search.Canonicalizes)
            search.RefuseCanonicalForms(mistake);
        else if (image.Fuses)
            MistakeOfFusion = mistake;
        else
            return false;

        return true;
    }

    /// <summary>
    /// Runs the schedule on a fresh machine: the search may have called its tasks by other names; null if it did so
    /// wrongly.
    /// </summary>
    private Counterexample? Replayed(Violation violation, Transition[] schedule)
    {
        var first = new PathRun(fresh(), schedule);
        var second = new PathRun(fresh(), schedule);
        if (PathRun.Difference(first, second) is { } nondeterminism)
            return new Counterexample(nondeterminism, schedule);

        if (violation.Finding.Class == FailureClass.Nondeterminism)
            return new Counterexample(violation.Finding, schedule); // The search has seen it; it need not happen twice.

        bool happens = first.IsWhole;
        Machine machine = first.Machine;
        happens &= machine.Finding?.Class == violation.Finding.Class;
        string mistake = $"what it found ({violation.Finding.Class.Name()}) does not happen when it is run again";
        if (!happens && BlamesReduction(mistake))
            return null;

        return happens && machine.Finding is { } found
            ? new Counterexample(found, schedule)
            : new Counterexample(DoesNotHappen(violation.Finding), schedule);
    }

    /// <summary>
    /// Of all shortest counterexamples one with the fewest preemptions, unless looking for it takes too long; it was
    /// replayed like the first.
    /// </summary>
    private Counterexample WithFewestPreemptions(
        Violation violation, Counterexample shortest, CancellationToken cancellation)
    {
        if (violation.State < 0 || shortest.Finding.Class == FailureClass.Nondeterminism)
            return shortest;

        int preemptions = new PathRun(fresh(), shortest.Schedule).Preemptions;
        int waysMax = (int)Math.Min(options.ShortestWaysMax, options.MemoryMax / BytesForWay);
        if (worker.FindWayWithFewerPreemptions(violation, preemptions, waysMax, cancellation) is not { } way)
            return shortest;

        Transition[] schedule = worker.RealNames.Of(way);
        var first = new PathRun(fresh(), schedule);
        bool happens = first.IsWhole && PathRun.Difference(first, new PathRun(fresh(), schedule)) is null;
        return happens && first.Machine.Finding is { } finding ? new Counterexample(finding, schedule) : shortest;
    }

    // No reduction is left that could have made it: what is kept outside the machine is not seen in all its places.
    private static Finding DoesNotHappen(Finding finding) => new(
        FailureClass.Nondeterminism,
        $"a way to {finding.Class.Name()} ({finding.Message.Split('\n')[0]}) does not show it when it is run again: "
        + "the scenario depends on something outside the machine (an object that tasks share, a static field)");

    private static Counterexample? FindDifference(MachineImage first, MachineImage second, Transition[] way) =>
        PathRun.Difference(new PathRun(first, way), new PathRun(second, way)) is { } finding
            ? new Counterexample(finding, way)
            : null;

    // What is changed for good by whoever comes first, this search itself perhaps, shows nowhere else.
    private Counterexample? FindDifferenceOfSecondRun(Transition[] way) =>
        new DeterminismCheck(new Machine(fresh())).Run(way) is { } finding ? new Counterexample(finding, way) : null;

    private Transition[] WayTo(Violation violation)
    {
        if (violation.State < 0)
            return [];

        Transition[] way = search.Tree.WayTo(violation.State);
        return violation.Transition is { } last ? [.. way, last] : way;
    }
}
