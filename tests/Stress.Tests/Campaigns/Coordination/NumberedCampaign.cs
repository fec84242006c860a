using System.Globalization;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>Pieces whose reports are the squares of their numbers.</summary>
internal sealed class NumberedCampaign(int pieces) : ICampaign
{
    public string Fingerprint { get; init; } = "squares";

    public IReadOnlyList<string> Pieces { get; } =
        [.. Enumerable.Range(0, pieces).Select(piece => $"{{\"number\":{piece}}}")];

    public string Perform(string piece, CancellationToken cancellation)
    {
        long number = long.Parse(piece["{\"number\":".Length..^1], CultureInfo.InvariantCulture);
        return $"{{\"square\":{number * number}}}";
    }

    public PieceFacts Read(string piece, string report) => report.StartsWith("{\"square\":", StringComparison.Ordinal)
        ? new PieceFacts { Executions = 10, States = 1, Fingerprint = report[^2..] }
        : throw new UsageException("it is no square");

    public bool Agree(string piece, string first, string second) => first == second;
}
