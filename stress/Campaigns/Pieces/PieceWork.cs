using System.Diagnostics;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>Performs pieces, with what explore, verify and races --matrix are made of.</summary>
/// <remarks>
/// One thread for each piece: a campaign has more pieces than there are threads. It could lie by saying what depends on
/// the machine that it runs on, so a search that ends because memory does is an error of the piece, and no report.
/// </remarks>
internal sealed class PieceWork(ScenarioCatalogue catalogue, StrategyCatalogue strategies)
{
    /// <summary>Performs one; yields its report.</summary>
    /// <exception cref="UsageException">It is no piece of this build.</exception>
    internal string Perform(string text, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var piece = Piece.Parse(text);
        Schedule booted = Product.Tokens.Parse(piece.Experiment);
        Experiment experiment = catalogue.Resolve(booted);
        if (experiment.Build != booted.Build)
        {
            throw new UsageException(
                $"the piece '{piece.Name}' is of another build of its scenario ({booted.Build:x16}, this is "
                + $"{experiment.Build:x16}): everybody who works on a campaign needs the same");
        }

        var minimal = new MinimalFailure(experiment, booted.Seed, cancellation);
        PieceReport report = piece.Kind switch
        {
            Piece.Explore => Explore(piece, experiment, booted, minimal, cancellation),
            Piece.Find => Find(piece, experiment, booted, minimal, cancellation),
            _ => SearchedPiece.Search(piece, experiment, minimal, cancellation),
        };
        cancellation.ThrowIfCancellationRequested(); // Half a piece is none.
        report.Piece = Piece.FingerprintOf(text);
        report.Seconds = watch.Elapsed.TotalSeconds;
        string done = report.Text;
        PieceReport.Parse(done, piece); // What nobody could read is an error of this piece, and not of the campaign.
        return done;
    }

    private PieceReport Explore(
        Piece piece, Experiment experiment, Schedule booted, MinimalFailure minimal, CancellationToken cancellation)
    {
        StrategyEntry entry = strategies.Strategy(booted.Strategy);
        var all = new ExplorerOptions
        {
            Executions = piece.Executions ?? long.MaxValue / 2,
            KeepGoing = true,
            ComparesPart = true,
            ComparedMax = piece.Compared!.Value,
        };
        var watch = Stopwatch.StartNew();
        if (piece.Seconds is { } seconds)
            all = all with { IsOver = () => watch.Elapsed.TotalSeconds >= seconds };

        ExplorationReport report = new Explorer(
            experiment.Boot, () => entry.Create(booted.Seed), piece.Number.Part(all)).Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        var explored = ShardResult.Of(piece.Number, report, watch.Elapsed.TotalSeconds, booted);
        return new PieceReport
        {
            Explored = explored,
            ClassCounts = ClassCounts.Write(Codes(report.ClassCounts)),
            Failure = report.First is { } first ? minimal.Of(booted.Strategy, first) : null,
        };
    }

    private PieceReport Find(
        Piece piece, Experiment experiment, Schedule booted, MinimalFailure minimal, CancellationToken cancellation)
    {
        KillTarget target = KillTarget.Of(catalogue.Race(piece.Race!)) with { Experiment = experiment };
        FailedExecution? first = null;
        KillCell cell = KillMatrix.Measure(
            target,
            strategies.Strategy(booted.Strategy),
            booted.Seed,
            piece.Seeds!.Value,
            (int)piece.Executions!.Value,
            cancellation,
            (_, number, execution) => first ??= new FailedExecution(
                number, execution.Finding!, execution.Schedule.ToArray())
            {
                Loop = execution.Loop,
            }) ?? throw new OperationCanceledException(cancellation);
        return new PieceReport
        {
            Found = cell,
            Failure = first is null ? null : minimal.Of(booted.Strategy, first),
        };
    }

    // Half of a fingerprint tells some thousand classes apart.
    private static Dictionary<ulong, long> Codes(IReadOnlyDictionary<UInt128, long>? counts) =>
        (counts ?? new Dictionary<UInt128, long>()).ToDictionary(each => (ulong)each.Key, each => each.Value);
}
