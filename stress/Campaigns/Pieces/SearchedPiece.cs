using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>A search of every state, as verify makes it, as a piece of a campaign.</summary>
/// <remarks>What it may take is fixed, as what it says must not depend on the machine that it runs on.</remarks>
internal static class SearchedPiece
{
    private const long MemoryMax = 4L << 30;
    private const long DiskMax = 64L << 30;

    internal static PieceReport Search(
        Piece piece, Experiment experiment, MinimalFailure minimal, CancellationToken cancellation)
    {
        string spill = Directory.CreateTempSubdirectory("kmaplab-campaign-").FullName;
        try
        {
            var options = new VerifierOptions
            {
                StatesMax = piece.States!.Value,
                Fusion = true,
                SpillDirectory = spill,
                MemoryMax = MemoryMax,
                DiskMax = DiskMax,
                MayRunForEver = !experiment.Scenario.Attribute.Uses.HasFlag(SizeParts.Rounds)
                    || experiment.Size.Rounds is ScenarioSize.Forever or ScenarioSize.AnyRounds,
            };
            VerificationReport report = new Verifier(experiment.Boot(), options) { Boot = experiment.Boot }
                .Run(cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (report.Verdict == Verdict.Inconclusive && report.States < piece.States)
            {
                throw new InvalidOperationException(
                    $"the search ended before its limit of {Counted.Of(piece.States.Value, "state")}: {report.Reason}");
            }

            return Report(report, minimal);
        }
        finally
        {
            Directory.Delete(spill, recursive: true);
        }
    }

    private static PieceReport Report(VerificationReport report, MinimalFailure minimal) => new()
    {
        Searched = new SearchedCell
        {
            Verdict = report.Verdict.Name(),
            Answer = report.Verdict.IsVerified() ? Piece.Verified : report.Counterexample?.Finding.Class.Name(),
            States = report.States,
            Transitions = report.Transitions,
            Deadlocks = report.Deadlocks,
            MaxDepth = report.MaxDepth,
            Reason = report.Reason,
            Progress = report.Progress switch
            {
                null => null,
                { WhyNot: { } reason } => $"not proved: {reason}",
                { Starvation: not null } => "every task can always finish, but a fair run can starve one",
                { StarvationNotSought: { } reason } =>
                    $"every task can always finish; whether a fair run can starve one was not looked for ({reason})",
                _ => "every task can always finish, and no fair run starves one",
            },
        },
        Failure = report.Counterexample is { } found
            ? minimal.Of("verify", new FailedExecution(0, found.Finding, found.Schedule) { Loop = found.Loop })
            : null,
    };
}
