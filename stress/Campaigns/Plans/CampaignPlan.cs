using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Campaigns.Pieces;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>A plan with its pieces.</summary>
internal sealed class CampaignPlan : ICampaign
{
    private readonly PieceWork _work;

    private CampaignPlan(string name, IReadOnlyList<Piece> pieces, PieceWork work)
    {
        Name = name;
        Pieces = [.. pieces.Select(piece => piece.Text)];
        Fingerprint = Piece.FingerprintOf(string.Join('\n', Pieces));
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
        new PieceWork(catalogue, strategies));

    public string Perform(string piece, CancellationToken cancellation) => _work.Perform(piece, cancellation);

    public string? WhyNot(string piece, string report)
    {
        try
        {
            PieceReport.Parse(report, Piece.Parse(piece));
            return null;
        }
        catch (UsageException exception)
        {
            return exception.Message;
        }
    }

    public bool Agree(string piece, string first, string second)
    {
        var read = Piece.Parse(piece);
        return PieceReport.Parse(first, read).Says(PieceReport.Parse(second, read));
    }
}
