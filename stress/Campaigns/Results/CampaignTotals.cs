using System.Threading;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>Makes one report of what the pieces of a campaign have shown.</summary>
internal sealed class CampaignTotals(ScenarioCatalogue catalogue, StrategyCatalogue strategies)
{
    /// <summary>The report; it depends on the plan and the reports that are there, and on nothing else.</summary>
    internal CampaignReport Of(string name, CampaignResults results, CancellationToken cancellation)
    {
        (int Number, Piece Piece, PieceReport? Report)[] all =
            [.. results.Pieces.Select((piece, i) => (i + 1, piece, results.Reports[i]))];
        TargetRow[] targets =
        [
            .. all.Where(each => each.Piece.Kind == Piece.Explore)
                .GroupBy(each => each.Piece.Target)
                .Select(target => new SampledTarget([.. target.Select(each => (each.Piece, each.Report))]))
                .Select(target => target.Row(strategies)),
        ];
        CellRow[] cells = [.. all.Where(each => each.Report?.Searched is not null)
            .Select(each => Row(each.Piece, each.Report!))];
        KillCell[] matrix = [.. all.Select(each => each.Report?.Found).OfType<KillCell>()];
        CorpusEntry[] corpus = Corpus.Of(results, catalogue);
        PieceName[] without =
        [
            .. all.Zip(results.Errors)
                .Where(each => each.First.Report is null)
                .Select(each => new PieceName(each.First.Number, each.First.Piece.Name) { Error = each.Second }),
        ];
        bool isWrong = Array.Exists(corpus, entry => !entry.IsExpected)
            || Array.Exists(cells, cell => cell.AsExpected == false);
        bool hasAnswers = without.Length == 0
            && Array.TrueForAll(cells, cell => cell.AsExpected is not null)
            && Array.TrueForAll(targets, target => target.Executions > target.CutOff);
        return new CampaignReport(
            new CampaignHead(name, results.Fingerprint, Piece.ThisProgram),
            isWrong ? CampaignReport.Failures : hasAnswers ? CampaignReport.Clean : CampaignReport.NoAnswer,
            without.Length == 0,
            all.Length,
            results.Done,
            [.. without.Where(piece => piece.Error is null)],
            [.. without.Where(piece => piece.Error is not null)],
            all.Sum(each => each.Report?.Seconds ?? 0),
            targets,
            cells,
            matrix,
            cancellation.IsCancellationRequested ? [] : Untested(targets, matrix, cancellation),
            corpus);
    }

    private static CellRow Row(Piece piece, PieceReport report) => Row(piece, report, report.Searched!);

    private static CellRow Row(Piece piece, PieceReport report, SearchedCell searched) => new(
        piece.Kind,
        piece.Name,
        piece.Expect!,
        report.IsAsExpected(piece),
        searched.Verdict,
        searched.Answer,
        searched.States,
        searched.Transitions,
        searched.MaxDepth,
        searched.Reason,
        searched.Progress,
        report.Failure?.Fingerprint);

    // "Nothing wrong" says nothing of a strategy that finds nothing anywhere.
    private string[] Untested(TargetRow[] targets, KillCell[] matrix, CancellationToken cancellation) =>
    [
        .. targets.GroupBy(target => target.Strategy)
            .Where(same => same.All(target => target.Failures == 0))
            .Select(same => same.First())
            .Where(target => !StrategyTrial.Finds(
                catalogue, strategies.Strategy(target.Strategy).Create(target.Seed), cancellation))
            .Select(target => target.Strategy)
            .Concat(matrix.GroupBy(cell => cell.Strategy)
                .Where(same => same.All(cell => cell.Found == 0))
                .Select(same => same.Key))
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
