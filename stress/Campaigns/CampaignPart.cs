using System.Threading;

namespace Kmaplab.Stress.Campaigns;

/// <summary>Some pieces of a campaign, which are performed as all are.</summary>
internal sealed class CampaignPart(ICampaign whole, IReadOnlyList<string> pieces) : ICampaign
{
    public string Fingerprint => whole.Fingerprint;

    public IReadOnlyList<string> Pieces { get; } = pieces;

    public string Perform(string piece, CancellationToken cancellation) => whole.Perform(piece, cancellation);

    public PieceFacts Read(string piece, string report) => whole.Read(piece, report);

    public bool Agree(string piece, string first, string second) => whole.Agree(piece, first, second);
}
