using System.Diagnostics.Metrics;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>What a coordinator counts for those who scrape: dotnet-counters, or a collector of OpenTelemetry.</summary>
internal sealed class CampaignMeter : IDisposable
{
    internal const string Name = "Kmaplab.Campaign";

    private readonly Meter _meter = new(Name);

    internal CampaignMeter()
    {
        HandedOut = Counter("kmaplab.campaign.pieces.handed_out", "Pieces lent to a worker, repetitions counted");
        Finished = Counter("kmaplab.campaign.pieces.finished", "Pieces whose report was accepted");
        Failed = Counter("kmaplab.campaign.pieces.failed", "Errors that workers told of a piece");
        SetAside = Counter("kmaplab.campaign.pieces.set_aside", "Pieces that were given up");
        Expired = Counter("kmaplab.campaign.leases.expired", "Pieces whose worker did not answer any more");
        Late = Counter("kmaplab.campaign.reports.late", "Reports that came after their lease, and do not count");
        Differing = Counter("kmaplab.campaign.reports.differing", "Reports that say something else than the first");
    }

    internal Counter<long> HandedOut { get; }

    internal Counter<long> Finished { get; }

    internal Counter<long> Failed { get; }

    internal Counter<long> SetAside { get; }

    internal Counter<long> Expired { get; }

    internal Counter<long> Late { get; }

    internal Counter<long> Differing { get; }

    public void Dispose() => _meter.Dispose();

    private Counter<long> Counter(string name, string description) =>
        _meter.CreateCounter<long>(name, unit: null, description);
}
