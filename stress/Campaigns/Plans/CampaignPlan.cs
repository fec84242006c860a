using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>A plan with its pieces.</summary>
internal sealed class CampaignPlan : ICampaign
{
    private readonly StrategyCatalogue _strategies;
    private readonly PieceWork _work;

    private CampaignPlan(string name, IReadOnlyList<Piece> pieces, StrategyCatalogue strategies, PieceWork work)
    {
        Name = name;
        Pieces = [.. pieces.Select(piece => piece.Text)];
        Fingerprint = Piece.FingerprintOf(string.Join('\n', Pieces));
        _strategies = strategies;
        _work = work;
    }

    /// <summary>What people call it.</summary>
    internal string Name { get; }

    public string Fingerprint { get; }

    public IReadOnlyList<string> Pieces { get; }

    /// <summary>Reads a plan and makes its pieces.</summary>
    /// <exception cref="UsageException">It makes no sense.</exception>
    internal static CampaignPlan Load(string path, ScenarioCatalogue catalogue, StrategyCatalogue strategies)
    {
        var file = PlanFile.Load(path);
        try
        {
            return Of(file, catalogue, strategies);
        }
        catch (UsageException exception)
        {
            throw new UsageException($"{path} makes no sense: {exception.Message}");
        }
    }

    /// <summary>The same of a plan that was read.</summary>
    /// <exception cref="UsageException">It makes no sense.</exception>
    internal static CampaignPlan Of(PlanFile file, ScenarioCatalogue catalogue, StrategyCatalogue strategies) => new(
        file.Name,
        new PlanExpansion(catalogue, strategies).Expand(file),
        strategies,
        new PieceWork(catalogue, strategies));

    public string Perform(string piece, CancellationToken cancellation) => _work.Perform(piece, cancellation);

    public PieceFacts Read(string piece, string report)
    {
        var its = Piece.Parse(piece);
        var read = PieceReport.Parse(report, its);
        return new PieceFacts
        {
            Executions = read.Explored?.Executions ?? 0,
            States = read.Searched?.States ?? 0,
            Fingerprint = read.Failure?.Fingerprint,
            Shard = read.Explored is { } explored ? Facts(its, explored) : null,
        };
    }

    public bool Agree(string piece, string first, string second)
    {
        var its = Piece.Parse(piece);
        return PieceReport.Parse(first, its).AgreesWith(PieceReport.Parse(second, its), its);
    }

    // Executions of a strategy that learns say nothing of others.
    private ShardFacts? Facts(Piece piece, ShardResult explored)
    {
        Schedule booted = Product.Tokens.Parse(piece.Experiment);
        return _strategies.Strategy(booted.Strategy).Create(booted.Seed).IsIndependent
            ? new ShardFacts(
                piece.Target, explored.Shard, piece.Of!.Value, explored.Executions - explored.CutOff, explored.Failures)
            : null;
    }
}
