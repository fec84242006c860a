using System.Threading;
using Kmaplab.Cluster.Stores;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>What a campaign has come to so far, in Redis: lines as those of a state file, by the number of their piece.
/// </summary>
/// <remarks>
/// One coordinator writes, and says that it is alive; when it does not, another may follow it, and what the first one
/// still wants to write is refused. Redis tells how many pieces it has, so what it has forgotten is noticed. Reports
/// that come together share one call.
/// </remarks>
internal sealed class RedisState : ICampaignState
{
    private readonly RedisStore _store;
    private readonly RedisTimes _times;
    private readonly IReadOnlyList<string> _pieces;
    private readonly BatchWriter<KeyValuePair<string, string>> _writer;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewal;
    private long _count; // Of entries that must be there.

    private RedisState(RedisStore store, RedisTimes times, IReadOnlyList<string> pieces, long count)
    {
        _store = store;
        _times = times;
        _pieces = pieces;
        _count = count;
        _writer = new(Write, Lost);
        _renewal = Task.Run(KeepAlive);
    }

    /// <inheritdoc/>
    public Task Failure => _writer.Failure;

    /// <summary>To open the state in this server; waits while another coordinator is active, and says so.</summary>
    internal static StateOpener At(
        RedisPlace place, string self, RedisTimes times, Action<string> say, CancellationToken cancellation) =>
        (identity, pieces, restore) =>
        {
            var entrance = new RedisEntrance(place, times, say, cancellation);
            (RedisStore store, long count) =
                entrance.Enter(self, identity, pieces, restore).GetAwaiter().GetResult();
            return new RedisState(store, times, pieces, count);
        };

    /// <inheritdoc/>
    public Task Add(int number, PieceState state, string text)
    {
        string line = StateLine.Write(number, _pieces[number], state, text).TrimEnd('\n');
        return _writer.Add(new(RedisEntrance.KeyOf(number), line));
    }

    /// <inheritdoc/>
    public Task Flushed() => _writer.Flushed();

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Flushed().Wait();
            _end.Cancel();
            _renewal.Wait();
            _store.Leave().Wait();
        }
        catch (AggregateException)
        {
            // Whoever added something has been told; and what is not left runs out.
        }

        _end.Cancel();
        _store.DisposeAsync().AsTask().Wait();
        _end.Dispose();
    }

    private async Task Write(IReadOnlyList<KeyValuePair<string, string>> lines)
    {
        long count = await _times.Patiently(() => _store.Write(lines), CancellationToken.None);
        _count += lines.Count;
        if (count != _count)
        {
            throw new StoreException(
                $"the state in Redis has {count - 1} pieces where {_count - 1} were written: it has lost some, or "
                + "somebody else writes into it",
                isAway: false);
        }
    }

    private async Task KeepAlive()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_times.Expiry / 4, _end.Token);
                if (!await _times.Patiently(_store.Renew, _end.Token))
                    throw _store.NotOwner();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // All is done.
        }
        catch (Exception exception)
        {
            _writer.Break(exception);
        }
    }

    private static StateLostException Lost(Exception exception) =>
        new($"{exception.Message}; what it says until now is whole: the same call goes on", exception);
}
