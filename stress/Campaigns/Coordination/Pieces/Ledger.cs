using System.Text;
using Kmaplab.Cluster;

namespace Kmaplab.Stress.Campaigns.Coordination.Pieces;

/// <summary>
/// Who has which piece of a campaign until when, and what has become of the others. Knows no network, no file and no
/// clock: the time is said with each call.
/// </summary>
/// <remarks>
/// It could make a report false by counting a piece twice, or a report for another piece, or by being done too early.
/// So each piece has one place; what it holds is set once, by whoever has its lease at that time; and whether all is
/// done is the number of places that were set.
/// </remarks>
/// <param name="pieces">How many there are.</param>
/// <param name="lease">How long a piece is lent, unless that is renewed.</param>
/// <param name="firstLease">The number of the first lease; a coordinator that starts again begins elsewhere.</param>
/// <param name="agree">Whether two reports of one piece say the same.</param>
internal sealed class Ledger(int pieces, TimeSpan lease, long firstLease, Func<int, string, string, bool> agree)
{
    /// <summary>So often a piece may fail; then it is set aside.</summary>
    internal const int FailuresMax = 3;

    /// <summary>
    /// So often the lease of a piece may run out. Workers die for many reasons that are not the piece's, so this is
    /// more; but a piece that kills whoever performs it must end.
    /// </summary>
    internal const int LossesMax = 20;

    private readonly Place[] _places = new Place[pieces];
    private readonly PriorityQueue<int, int> _returned = new(); // Pieces to hand out again, the first ones first.
    private readonly PriorityQueue<LeasedPiece, TimeSpan> _deadlines = new(); // Those of old leases as well.
    private readonly Dictionary<long, int> _held = []; // The piece of each lease that counts.
    private int _next; // From here on nothing was handed out yet.
    private long _lastLease = firstLease;

    internal int Pieces => _places.Length;

    internal int Finished { get; private set; }

    internal int SetAside { get; private set; }

    /// <summary>How many are out just now.</summary>
    internal int Leased => _held.Count;

    /// <summary>How many times pieces have failed, a lease has run out, and something came too late.</summary>
    internal int Failures { get; private set; }
    internal int Losses { get; private set; }
    internal int LateReports { get; private set; }

    internal bool IsDone => Finished + SetAside == Pieces;

    internal PieceState StateOf(int piece) => _places[piece].State;

    /// <summary>The report of a finished piece, or the error of one that was set aside.</summary>
    internal string TextOf(int piece) =>
        Encoding.UTF8.GetString(
            _places[piece].Text ?? throw new InvalidOperationException($"piece {piece} is not done"));

    /// <summary>Lends the first piece that nobody has; null if there is none just now.</summary>
    internal LeasedPiece? Take(TimeSpan now)
    {
        Expire(now);
        if (!TryNext(out int piece))
            return null;

        ref Place place = ref _places[piece];
        place.State = PieceState.Leased;
        place.Deadline = now + lease;
        var leased = new LeasedPiece(piece, ++_lastLease);
        _held.Add(leased.Lease, piece);
        _deadlines.Enqueue(leased, place.Deadline);
        return leased;
    }

    /// <summary>Lends it for longer, if it is still lent.</summary>
    internal void Renew(long number, TimeSpan now)
    {
        Expire(now);
        if (_held.TryGetValue(number, out int piece))
            _places[piece].Deadline = now + lease; // What is queued with the old one is queued again when that comes.
    }

    /// <summary>Takes a report.</summary>
    internal Receipt Finish(LeasedPiece leased, string report, TimeSpan now)
    {
        Expire(now);
        if (!IsKnown(leased))
            return Late();

        ref Place place = ref _places[leased.Piece];
        if (place.State == PieceState.Finished)
            return agree(leased.Piece, TextOf(leased.Piece), report) ? Receipt.Repeated : Receipt.Differs;

        if (!IsHeld(leased))
            return Late();

        _held.Remove(leased.Lease);
        Set(leased.Piece, PieceState.Finished, report);
        return Receipt.Accepted;
    }

    /// <summary>Takes an error: the piece is handed out again, or set aside.</summary>
    internal Receipt Fail(LeasedPiece leased, string error, TimeSpan now)
    {
        Expire(now);
        if (!IsHeld(leased))
            return Late();

        _held.Remove(leased.Lease);
        Failures++;
        if (++_places[leased.Piece].Failures == FailuresMax)
            Set(leased.Piece, PieceState.SetAside, error);
        else
            Return(leased.Piece);

        return Receipt.Accepted;
    }

    /// <summary>Takes a piece back that nobody has performed.</summary>
    internal Receipt GiveBack(LeasedPiece leased, TimeSpan now)
    {
        Expire(now);
        if (!IsHeld(leased))
            return Late();

        _held.Remove(leased.Lease);
        Return(leased.Piece);
        return Receipt.Accepted;
    }

    /// <summary>Takes what an earlier coordinator has written down.</summary>
    /// <exception cref="InvalidOperationException">The piece is there already.</exception>
    internal void Restore(int piece, PieceState state, string text)
    {
        if (_places[piece].State != PieceState.Open)
            throw new InvalidOperationException($"piece {piece} is restored twice");

        Set(piece, state, text);
    }

    /// <summary>Takes back what was lent for too long; yields which pieces that has set aside.</summary>
    internal IReadOnlyList<int> Expire(TimeSpan now)
    {
        List<int>? setAside = null;
        while (_deadlines.TryPeek(out LeasedPiece leased, out TimeSpan deadline) && deadline < now)
        {
            _deadlines.Dequeue();
            ref Place place = ref _places[leased.Piece];
            if (!IsHeld(leased))
                continue;

            if (place.Deadline >= now)
            {
                _deadlines.Enqueue(leased, place.Deadline);
                continue;
            }

            _held.Remove(leased.Lease);
            Losses++;
            if (++place.Losses == LossesMax)
            {
                Set(leased.Piece, PieceState.SetAside, $"{LossesMax} workers that had it did not answer any more");
                (setAside ??= []).Add(leased.Piece);
            }
            else
            {
                Return(leased.Piece);
            }
        }

        return setAside ?? [];
    }

    private bool TryNext(out int piece)
    {
        if (_returned.TryDequeue(out piece, out _))
            return true;

        while (_next < Pieces && _places[_next].State != PieceState.Open)
            _next++;

        piece = _next;
        return _next < Pieces && _next++ >= 0;
    }

    private bool IsKnown(LeasedPiece leased) => leased.Piece >= 0 && leased.Piece < Pieces;

    private bool IsHeld(LeasedPiece leased) =>
        _held.TryGetValue(leased.Lease, out int piece) && piece == leased.Piece;

    private void Return(int piece)
    {
        _places[piece].State = PieceState.Open;
        _returned.Enqueue(piece, piece);
    }

    private void Set(int piece, PieceState state, string text)
    {
        _places[piece].State = state;
        _places[piece].Text = Encoding.UTF8.GetBytes(text);
        if (state == PieceState.Finished)
            Finished++;
        else
            SetAside++;
    }

    private Receipt Late()
    {
        LateReports++;
        return Receipt.Late;
    }

    private struct Place
    {
        internal PieceState State;
        internal int Failures;
        internal int Losses;
        internal TimeSpan Deadline;
        internal byte[]? Text; // Half as large as letters.
    }
}
