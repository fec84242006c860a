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
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _renewal;
    private List<KeyValuePair<string, string>> _pending = [];
    private TaskCompletionSource? _batch; // Told when what is pending is in Redis.
    private Task _last = Task.CompletedTask;
    private StateLostException? _broken;
    private long _count; // Of entries that must be there.
    private bool _isWriting;

    private RedisState(RedisStore store, RedisTimes times, IReadOnlyList<string> pieces, long count)
    {
        _store = store;
        _times = times;
        _pieces = pieces;
        _count = count;
        _renewal = Task.Run(KeepAlive);
    }

    /// <inheritdoc/>
    public Task Failure => _failure.Task;

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
        lock (_lock)
        {
            if (_broken is { } broken)
                return Task.FromException(broken);

            _pending.Add(new(RedisEntrance.KeyOf(number), line));
            _batch ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task written = _batch.Task;
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WritePending);
            }

            return written;
        }
    }

    /// <inheritdoc/>
    public Task Flushed()
    {
        lock (_lock)
            return _broken is { } broken ? Task.FromException(broken) : _batch?.Task ?? _last;
    }

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

    private async Task WritePending()
    {
        while (true)
        {
            List<KeyValuePair<string, string>> lines;
            TaskCompletionSource batch;
            lock (_lock)
            {
                if (_batch is null || _broken is not null)
                {
                    _isWriting = false;
                    return;
                }

                lines = _pending;
                batch = _batch;
                _last = batch.Task;
                _pending = [];
                _batch = null;
            }

            try
            {
                await Write(lines);
                batch.SetResult();
            }
            catch (Exception exception)
            {
                batch.SetException(Break(exception)); // Whatever it is: they wait for an answer.
                return;
            }
        }
    }

    private async Task Write(List<KeyValuePair<string, string>> lines)
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
            Break(exception);
        }
    }

    private StateLostException Break(Exception exception)
    {
        var broken = new StateLostException(
            $"{exception.Message}; what it says until now is whole: the same call goes on", exception);
        TaskCompletionSource? next;
        lock (_lock)
        {
            broken = _broken ??= broken;
            next = _batch;
            _batch = null;
            _isWriting = false;
        }

        next?.TrySetException(broken);
        _failure.TrySetException(broken);
        return broken;
    }
}
