using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Commands.Proofs;

/// <summary>Exhaustive searches of the port at one size each, for the maps of sizes.</summary>
internal static class SizeProofs
{
    /// <summary>Whether a sleeper of churn can be woken for ever and never map.</summary>
    internal static StarvationCell OfProgress(Session session, VerifierOptions options, int tasks, int slots)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Pages = tasks, Rounds = 0 };
        Experiment churn = session.Catalogue.Resolve("churn", null, size);
        VerificationReport report = new Verifier(churn.Boot(), options with { Progress = true })
        {
            Boot = churn.Boot,
        }.Run(session.Cancellation);
        string verdict = report switch
        {
            { Verdict: Verdict.Violated } => report.Counterexample!.Finding.Class.Name(),
            { Verdict: Verdict.Verified, Progress.Starvation: not null } => "starvation",
            { Verdict: Verdict.Verified, Progress.StarvationNotSought: null } => "free",
            _ => "inconclusive",
        };
        (int stem, int loop) = report.Progress?.Starvation is { } lasso
            ? lasso.FusedLengths ?? (lasso.Stem.Length, lasso.Loop.Length)
            : (0, 0);
        return new StarvationCell(tasks, slots, verdict, stem, loop, report.States);
    }

    /// <summary>Whether nested mappings can deadlock.</summary>
    internal static FrontierCell OfNesting(
        Session session, VerifierOptions options, int tasks, int slots, int depth)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Depth = depth, Rounds = ScenarioSize.AnyRounds };
        Experiment nested = session.Catalogue.Resolve("nested", null, size);
        VerificationReport report = new Verifier(nested.Boot(), options) { Boot = nested.Boot }.Run(
            session.Cancellation);
        string verdict = report.Verdict switch
        {
            Verdict.Verified or Verdict.VerifiedSafety => "free",
            Verdict.Violated => report.Counterexample!.Finding.Class.Name(),
            _ => "inconclusive",
        };
        return new FrontierCell(tasks, slots, depth, verdict, tasks * (depth - 1) >= slots, report.States);
    }
}
