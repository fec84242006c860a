using System.Threading;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;
using Kmaplab.Stress.Campaigns.Coordination.States;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Hands out pieces of a campaign, keeps what they come to, and writes it down before it says so.</summary>
internal sealed class Coordinator : ICoordinator, IDisposable
{
    private const int AskAgainMs = 200;
    private static readonly TimeSpan s_forEver = TimeSpan.FromMilliseconds(int.MaxValue);

    private const int ReportMax = 8 << 20;

    private readonly ICampaign _campaign;
    private readonly IReadOnlyList<string> _pieces;
    private readonly Ledger _ledger;
    private readonly ICampaignState? _state;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly CampaignMeter _meter = new();
    private readonly WorkerBook _workers = new();
    private readonly CampaignTally _tally = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<int> _differing = [];
    private readonly int _restored;

    /// <summary>Begins a campaign, or goes on with one that has a state.</summary>
    /// <param name="campaign">What there is to do.</param>
    /// <param name="build">The program, with its version.</param>
    /// <param name="open">Opens where to write down what it comes to; null for nowhere.</param>
    /// <param name="lease">How long a worker has for a piece unless it says that it is still busy; infinite where
    /// workers and coordinator live and die together.</param>
    /// <param name="clock">Tells how long leases last.</param>
    /// <exception cref="UsageException">The state is of something else, or damaged.</exception>
    internal Coordinator(
        ICampaign campaign, string build, StateOpener? open, TimeSpan lease, TimeProvider clock)
    {
        _campaign = campaign;
        _pieces = campaign.Pieces;
        _lease = lease == Timeout.InfiniteTimeSpan ? s_forEver : lease;
        _clock = clock;
        _start = clock.GetTimestamp();

        // A lease of an earlier coordinator must not be taken for one of this.
        long firstLease = Random.Shared.NextInt64(int.MaxValue) << 32;
        _ledger = new Ledger(_pieces.Count, _lease, firstLease, (piece, first, second) =>
            campaign.Agree(_pieces[piece], first, second));
        if (open is not null)
        {
            var identity = new CampaignIdentity(campaign.Fingerprint, build, _pieces.Count);
            _state = open(identity, _pieces, Restore);
            _state.Failure.ContinueWith(
                failure => _done.TrySetException(failure.Exception!.InnerExceptions), TaskScheduler.Default);
        }

        _restored = _ledger.Finished + _ledger.SetAside;
        if (_ledger.IsDone)
            _done.SetResult();
    }

    /// <summary>Done when every piece is, and written down; fails if that cannot be written.</summary>
    internal Task Completion => _done.Task;

    /// <summary>How many pieces were done already.</summary>
    internal int Restored => _restored;

    /// <summary>Pieces of which two reports have come that say different things.</summary>
    internal IReadOnlyList<int> Differing
    {
        get
        {
            lock (_lock)
                return [.. _differing];
        }
    }

    /// <summary>
    /// What the pieces came to, in their order, one after the other as all may be large; null for those that are not
    /// done.
    /// </summary>
    internal IEnumerable<PieceOutcome?> Results() => Enumerable.Range(0, _pieces.Count).Select(Result);

    /// <summary>Waits until all workers that are there have heard that all is done.</summary>
    internal async Task Farewell(TimeSpan atMost)
    {
        long begin = _clock.GetTimestamp();
        while (_clock.GetElapsedTime(begin) < atMost)
        {
            lock (_lock)
            {
                if (_workers.Present(_clock.GetElapsedTime(_start), _lease) == 0)
                    return;
            }

            await Task.Delay(AskAgainMs / 4);
        }
    }

    /// <summary>How far it is.</summary>
    internal CampaignProgress Progress()
    {
        lock (_lock)
        {
            TimeSpan now = Tick();
            return new CampaignProgress
            {
                Seconds = now.TotalSeconds,
                Pieces = _ledger.Pieces,
                Finished = _ledger.Finished,
                SetAside = _ledger.SetAside,
                Leased = _ledger.Leased,
                Failures = _ledger.Failures,
                Expired = _ledger.Losses,
                Here = _ledger.Finished + _ledger.SetAside - _restored,
                Executions = _tally.Executions,
                States = _tally.States,
                Fingerprints = _tally.Fingerprints,
                Risk = _tally.Risk(),
                Workers = _workers.At(now),
            };
        }
    }

    /// <inheritdoc/>
    public Task<Assignment> Take(string worker)
    {
        lock (_lock)
        {
            TimeSpan now = Tick();
            _workers.Hear(worker, now);
            if (_done.Task.IsFaulted)
                return Task.FromException<Assignment>(_done.Task.Exception!.InnerException!);

            if (_done.Task.IsCompleted)
            {
                _workers.Leave(worker);
                return Task.FromResult(Assignment.Done);
            }

            if (_ledger.Take(now) is not { } leased)
                return Task.FromResult(new Assignment { Milliseconds = AskAgainMs });

            _meter.HandedOut.Add(1);
            _workers.Lend(worker, leased.Lease);
            return Task.FromResult(new Assignment
            {
                Piece = leased.Piece,
                Lease = leased.Lease,
                Milliseconds = (int)_lease.TotalMilliseconds,
                Text = _pieces[leased.Piece],
            });
        }
    }

    /// <inheritdoc/>
    public async Task<Receipt> Report(Outcome outcome)
    {
        PieceFacts? facts = null;
        string? error = outcome.Error ?? WhyNot(outcome, out facts);
        Receipt receipt;
        Task flushed;
        bool isDone;
        lock (_lock)
        {
            TimeSpan now = Tick();
            receipt = Enter(outcome, error, now);
            PieceFacts? counted = receipt == Receipt.Accepted ? facts : null;
            _workers.Take(outcome.Worker, outcome.Lease, counted, now);
            if (counted is not null)
                _tally.Add(counted);

            Count(receipt, outcome, error);
            flushed = receipt == Receipt.Accepted ? Write(outcome.Piece) : _state?.Flushed() ?? Task.CompletedTask;
            isDone = _ledger.IsDone;
        }

        await Written(flushed, isDone);
        return receipt;
    }

    /// <inheritdoc/>
    public Task Renew(string worker, long[] leases)
    {
        lock (_lock)
        {
            TimeSpan now = Tick();
            _workers.Hear(worker, now);
            foreach (long lease in leases)
                _ledger.Renew(lease, now);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state?.Dispose();
        _meter.Dispose();
    }

    private PieceOutcome? Result(int piece)
    {
        lock (_lock)
        {
            return _ledger.StateOf(piece) switch
            {
                PieceState.Finished => new PieceOutcome(_pieces[piece], _ledger.TextOf(piece), null),
                PieceState.SetAside => new PieceOutcome(_pieces[piece], null, _ledger.TextOf(piece)),
                _ => null,
            };
        }
    }

    private void Restore(int piece, PieceState state, string text)
    {
        _ledger.Restore(piece, state, text);
        if (state == PieceState.Finished)
            _tally.Add(_campaign.Read(_pieces[piece], text));
    }

    private Receipt Enter(Outcome outcome, string? error, TimeSpan now)
    {
        var leased = new LeasedPiece(outcome.Piece, outcome.Lease);
        return error is not null ? _ledger.Fail(leased, error, now)
            : outcome.Report is { } report ? _ledger.Finish(leased, report, now)
            : _ledger.GiveBack(leased, now);
    }

    private void Count(Receipt receipt, Outcome outcome, string? error)
    {
        if (receipt == Receipt.Late)
            _meter.Late.Add(1);

        if (receipt == Receipt.Differs)
        {
            _meter.Differing.Add(1);
            _differing.Add(outcome.Piece);
        }

        if (receipt == Receipt.Accepted && error is not null)
            _meter.Failed.Add(1);
        else if (receipt == Receipt.Accepted && outcome.Report is not null)
            _meter.Finished.Add(1);
    }

    // Under the lock.
    private TimeSpan Tick()
    {
        TimeSpan now = _clock.GetElapsedTime(_start);
        int losses = _ledger.Losses;
        IReadOnlyList<int> setAside = _ledger.Expire(now);
        _meter.Expired.Add(_ledger.Losses - losses);
        if (setAside.Count > 0)
        {
            var written = Task.WhenAll(setAside.Select(Write));
            _ = Written(written, _ledger.IsDone);
        }

        return now;
    }

    // Under the lock, so that lines come in the order in which things happened.
    private Task Write(int piece)
    {
        PieceState state = _ledger.StateOf(piece);
        if (state is not (PieceState.Finished or PieceState.SetAside))
            return Task.CompletedTask;

        if (state == PieceState.SetAside)
            _meter.SetAside.Add(1);

        return _state?.Add(piece, state, _ledger.TextOf(piece)) ?? Task.CompletedTask;
    }

    private async Task Written(Task flushed, bool isDone)
    {
        try
        {
            await flushed;
        }
        catch (IOException exception)
        {
            _done.TrySetException(exception);
            throw;
        }

        if (isDone)
            _done.TrySetResult();
    }

    // What cannot be a report of this piece is none, and must not be all that is known of it.
    private string? WhyNot(Outcome outcome, out PieceFacts? facts)
    {
        facts = null;
        if (outcome.Report is not { } report || outcome.Piece < 0 || outcome.Piece >= _pieces.Count)
            return null;

        if (report.Length > ReportMax)
            return $"its report has {report.Length >> 20} MiB, and may have {ReportMax >> 20}";

        if (report.Contains('\n', StringComparison.Ordinal))
            return "its report is more than a line";

        try
        {
            facts = _campaign.Read(_pieces[outcome.Piece], report);
            return null;
        }
        catch (UsageException exception)
        {
            return $"its report is none: {exception.Message}";
        }
    }
}
