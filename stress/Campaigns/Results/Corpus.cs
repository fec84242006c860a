using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>The failures of a campaign by fingerprint, each with its smallest schedule.</summary>
internal static class Corpus
{
    /// <summary>The folder, beside the report.</summary>
    internal const string Folder = "corpus";

    /// <summary>Puts failures together, those that nobody has expected first; each was run again here.</summary>
    /// <exception cref="UsageException">One does not show again what its report says.</exception>
    internal static CorpusEntry[] Of(CampaignResults results, ScenarioCatalogue catalogue)
    {
        IEnumerable<Hit> hits =
            from number in Enumerable.Range(0, results.Pieces.Count)
            let report = results.Reports[number]
            where report?.Failure is not null
            select new Hit(number, results.Pieces[number], report);
        return
        [
            .. hits.GroupBy(hit => hit.Failure.Fingerprint)
                .Select(same => Entry([.. same], catalogue))
                .OrderBy(entry => entry.IsExpected)
                .ThenBy(entry => entry.First.Number),
        ];
    }

    private static CorpusEntry Entry(Hit[] hits, ScenarioCatalogue catalogue)
    {
        Hit first = hits.MinBy(hit => hit.Number)!;
        PieceFailure smallest = hits
            .OrderBy(hit => hit.Failure.Preemptions)
            .ThenBy(hit => hit.Failure.Steps)
            .ThenBy(hit => hit.Number)
            .First().Failure;
        return new CorpusEntry(
            smallest.Fingerprint,
            smallest.Class,
            smallest.Message,
            RunAgain(smallest, catalogue),
            smallest.Culprits,
            smallest.Steps,
            smallest.Preemptions,
            smallest.IsProved,
            smallest.NotMinimized,
            Array.TrueForAll(hits, hit => hit.IsExpected),
            hits.Length,
            new PieceName(first.Number + 1, first.Piece.Name),
            $"{Folder}/{smallest.Fingerprint}.schedule")
        {
            Schedule = smallest.Schedule,
        };
    }

    // Nobody is told of what does not show again. Yields what shows it.
    private static string RunAgain(PieceFailure failure, ScenarioCatalogue catalogue)
    {
        Schedule schedule = Product.Texts.Parse(failure.Schedule, failure.Fingerprint);
        Experiment experiment = catalogue.Resolve(schedule);
        if (schedule.Verdict?.Name() != failure.Class || schedule.Transitions.Length != failure.Steps)
            throw new UsageException($"{failure.Fingerprint}: its schedule is not that of the failure that is told");

        if (schedule.Build != experiment.Build)
            throw new UsageException($"{failure.Fingerprint}: its schedule is of another build");

        ReplayReport again = new Replay(new Machine(experiment.Boot()))
            .Run(schedule.Transitions, schedule.Verdict, schedule.Loop);
        if (!again.Reproduced && schedule.Verdict != FailureClass.Nondeterminism)
            throw new UsageException(
                $"{failure.Fingerprint}: run again, its schedule does not show {failure.Class} but "
                + $"{again.Finding?.FirstLine ?? again.Divergence?.Reason ?? "nothing"}");

        return $"{ProgramSource.NameOf(experiment)} {SizeText.Of(experiment)}".TrimEnd();
    }

    private sealed record Hit(int Number, Piece Piece, PieceReport Report)
    {
        internal PieceFailure Failure => Report.Failure!;

        internal bool IsExpected => Report.IsAsExpected(Piece) == true;
    }
}
