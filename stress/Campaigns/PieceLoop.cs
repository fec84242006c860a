using System.Threading;

namespace Kmaplab.Stress.Campaigns;

/// <summary>Performs pieces in this process, one after the other on each of some threads.</summary>
internal static class PieceLoop
{
    /// <summary>
    /// Performs them; <paramref name="onDone"/> is told of each, one at a time. Interrupted, it leaves the rest.
    /// </summary>
    internal static void Run(
        ICampaign campaign,
        IReadOnlyList<string> pieces,
        int jobs,
        Action<PieceOutcome> onDone,
        CancellationToken cancellation)
    {
        var oneAtATime = new Lock();
        int next = -1;
        Task[] workers = [.. Enumerable.Range(0, Math.Min(jobs, pieces.Count)).Select(_ => Task.Factory.StartNew(
            Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WhenAll(workers).GetAwaiter().GetResult();

        void Work()
        {
            while (!cancellation.IsCancellationRequested)
            {
                int i = Interlocked.Increment(ref next);
                if (i >= pieces.Count || Perform(campaign, pieces[i], cancellation) is not { } outcome)
                    return;

                lock (oneAtATime)
                    onDone(outcome);
            }
        }
    }

    // One that fails must not take the others with it. Null if it was interrupted.
    private static PieceOutcome? Perform(ICampaign campaign, string piece, CancellationToken cancellation)
    {
        try
        {
            return new PieceOutcome(piece, campaign.Perform(piece, cancellation), null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            return new PieceOutcome(piece, null, $"{exception.GetType().Name}: {exception.Message}");
        }
    }
}

/// <summary>What came of a piece.</summary>
/// <param name="Piece">The piece.</param>
/// <param name="Report">What it has shown; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
internal sealed record PieceOutcome(string Piece, string? Report, string? Error);
