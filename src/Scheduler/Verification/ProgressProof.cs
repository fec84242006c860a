using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.Runs;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Judges the endless runs of a search that has reached every state and found nothing wrong in any.</summary>
internal sealed class ProgressProof(MachineImage image, SharedSearch search, RealNames names, Func<MachineImage> fresh)
{
    /// <summary>The report with what can be said about progress.</summary>
    internal VerificationReport AddTo(VerificationReport report)
    {
        try
        {
            return search.Graph is { } graph
                ? Prove(report, graph)
                : NotProved(report, search.NoGraph ?? "it was not asked for");
        }
        catch (OutOfMemoryException)
        {
            return NotProved(report, "memory ran out for the graph of states");
        }
    }

    private VerificationReport Prove(VerificationReport report, StateGraph graph)
    {
        graph.Seal(search.NumbersTaken);
        var check = new ProgressCheck(graph, search.Tree, image);
        var realizer = new LassoRealizer(image, names);
        if (check.FindFailure() is { } endless)
            return WithFailure(report, endless, realizer);

        if (!check.CanFindStarvation)
        {
            var notSought = new ProgressReport { StarvationNotSought = "too many states for that" };
            return report with { Verdict = Verdict.Verified, Progress = notSought };
        }

        Lasso? starvation = check.FindStarvation() is { } starving
            ? realizer.Realize(starving, search.Tree.WayTo(starving.Entry))
            : null;
        return report with { Verdict = Verdict.Verified, Progress = new ProgressReport { Starvation = starvation } };
    }

    private VerificationReport WithFailure(VerificationReport report, EndlessRun endless, LassoRealizer realizer)
    {
        Lasso? run = realizer.Realize(endless, search.Tree.WayTo(endless.Entry));
        Finding? finding = run is null ? null : EndlessRunReplay.Confirm(fresh(), endless.Kind, run);
        if (finding is not null)
        {
            var failure = new Counterexample(finding, [.. run!.Stem, .. run.Loop]) { Loop = run.Loop.Length };
            return report with { Verdict = Verdict.Violated, Counterexample = failure };
        }

        if (search.HasTaskSymmetry)
            search.RefuseSymmetry("an endless run that it found does not come back under the tasks' own names");

        return NotProved(report, "an endless run was found that does not come back within reach");
    }

    private static VerificationReport NotProved(VerificationReport report, string reason) =>
        report with { Progress = new ProgressReport { WhyNot = reason } };
}
