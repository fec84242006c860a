using System.Diagnostics;
using System.Threading;
using Kmaplab.Cluster.Stores;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>How long coordinators and Redis wait for each other.</summary>
/// <param name="Expiry">How long an active coordinator may be silent before another follows it.</param>
/// <param name="Patience">How long Redis may be away before a coordinator ends.</param>
/// <param name="AskAgain">How often one that stands by looks, and how soon something is tried again.</param>
internal sealed record RedisTimes(TimeSpan Expiry, TimeSpan Patience, TimeSpan AskAgain)
{
    internal static RedisTimes Usual { get; } =
        new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.5));

    /// <summary>Calls again while the server is away, as one that starts again is back in a moment.</summary>
    internal async Task<T> Patiently<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (StoreException exception) when (exception.IsAway && watch.Elapsed < Patience)
            {
                await Task.Delay(AskAgain, cancellation);
            }
        }
    }
}
