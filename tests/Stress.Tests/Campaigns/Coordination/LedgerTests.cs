using System.Diagnostics;
using Kmaplab.Cluster;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>Each piece ends once, whatever workers do and whenever they do it.</summary>
public sealed class LedgerTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(10);

    [Fact]
    public void Pieces_are_handed_out_in_their_order_and_each_to_one_worker()
    {
        Ledger ledger = New(3);

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(_ => ledger.Take(At(0))!.Value.Piece));
        Assert.Null(ledger.Take(At(0)));
        Assert.False(ledger.IsDone);
    }

    [Fact]
    public void A_piece_whose_lease_has_run_out_is_handed_out_again_and_not_before()
    {
        Ledger ledger = New(1);
        LeasedPiece first = ledger.Take(At(0))!.Value;

        Assert.Null(ledger.Take(At(10)));
        LeasedPiece second = ledger.Take(At(10.1))!.Value;
        Assert.Equal(first.Piece, second.Piece);
        Assert.NotEqual(first.Lease, second.Lease);
        Assert.Equal(1, ledger.Losses);
    }

    [Fact]
    public void A_lease_that_is_renewed_goes_on()
    {
        Ledger ledger = New(1);
        LeasedPiece piece = ledger.Take(At(0))!.Value;
        for (int second = 5; second < 100; second += 5)
            ledger.Renew(piece.Lease, At(second));

        Assert.Null(ledger.Take(At(100)));
        Assert.Equal(Receipt.Accepted, ledger.Finish(piece, "a", At(100)));
        Assert.True(ledger.IsDone);
    }

    [Fact]
    public void A_lease_that_has_run_out_cannot_be_renewed()
    {
        Ledger ledger = New(1);
        LeasedPiece piece = ledger.Take(At(0))!.Value;
        ledger.Renew(piece.Lease, At(11));

        Assert.NotNull(ledger.Take(At(11)));
    }

    [Fact]
    public void A_late_report_does_not_count()
    {
        Ledger ledger = New(1);
        LeasedPiece late = ledger.Take(At(0))!.Value;

        Assert.Equal(Receipt.Late, ledger.Finish(late, "late", At(11)));
        Assert.False(ledger.IsDone);
        LeasedPiece second = ledger.Take(At(11))!.Value;
        Assert.Equal(Receipt.Late, ledger.Finish(late, "late", At(12)));
        Assert.Equal(Receipt.Accepted, ledger.Finish(second, "second", At(12)));
        Assert.Equal("second", ledger.TextOf(0));
    }

    [Fact]
    public void A_report_under_the_lease_of_an_earlier_coordinator_does_not_count()
    {
        Ledger ledger = New(2, firstLease: 1000);
        ledger.Take(At(0));

        Assert.Equal(Receipt.Late, ledger.Finish(new LeasedPiece(0, 1), "old", At(1)));
        Assert.Equal(0, ledger.Finished);
    }

    [Fact]
    public void A_report_for_another_piece_than_the_leased_one_does_not_count()
    {
        Ledger ledger = New(2);
        LeasedPiece first = ledger.Take(At(0))!.Value;
        ledger.Take(At(0));

        Assert.Equal(Receipt.Late, ledger.Finish(first with { Piece = 1 }, "b", At(1)));
        Assert.Equal(Receipt.Late, ledger.Finish(first with { Piece = 7 }, "b", At(1)));
        Assert.Equal(Receipt.Late, ledger.Finish(first with { Piece = -1 }, "b", At(1)));
        Assert.Equal(0, ledger.Finished);
    }

    [Fact]
    public void A_repeated_report_changes_nothing_and_one_that_differs_is_told()
    {
        Ledger ledger = New(2);
        LeasedPiece piece = ledger.Take(At(0))!.Value;
        ledger.Finish(piece, "a", At(1));

        Assert.Equal(Receipt.Repeated, ledger.Finish(piece, "A", At(1))); // They agree but for the case.
        Assert.Equal(Receipt.Differs, ledger.Finish(piece, "b", At(1)));
        Assert.Equal("a", ledger.TextOf(0));
        Assert.Equal(1, ledger.Finished);
        Assert.False(ledger.IsDone);
    }

    [Fact]
    public void A_piece_that_fails_three_times_is_set_aside_with_its_last_error()
    {
        Ledger ledger = New(1);
        for (int failure = 1; failure <= 3; failure++)
            Assert.Equal(Receipt.Accepted, ledger.Fail(ledger.Take(At(0))!.Value, $"error {failure}", At(1)));

        Assert.Null(ledger.Take(At(1)));
        Assert.True(ledger.IsDone);
        Assert.Equal((PieceState.SetAside, "error 3"), (ledger.StateOf(0), ledger.TextOf(0)));
    }

    [Fact]
    public void A_failure_told_twice_under_one_lease_counts_once()
    {
        Ledger ledger = New(1);
        LeasedPiece piece = ledger.Take(At(0))!.Value;

        Assert.Equal(Receipt.Accepted, ledger.Fail(piece, "error", At(1)));
        Assert.Equal(Receipt.Late, ledger.Fail(piece, "error", At(1)));
        Assert.Equal(Receipt.Late, ledger.Fail(piece, "error", At(1)));
        Assert.NotNull(ledger.Take(At(1)));
    }

    [Fact]
    public void Workers_that_die_set_a_piece_aside_only_when_there_were_many()
    {
        Ledger ledger = New(1);
        for (int loss = 1; loss < Ledger.LossesMax; loss++)
        {
            ledger.Take(At(11 * loss));
            Assert.Empty(ledger.Expire(At((11 * loss) + 10.5)));
        }

        ledger.Take(At(11 * Ledger.LossesMax));
        Assert.Equal([0], ledger.Expire(At((11 * Ledger.LossesMax) + 10.5)));
        Assert.Equal(PieceState.SetAside, ledger.StateOf(0));
    }

    [Fact]
    public void A_piece_given_back_is_handed_out_again_and_has_not_failed()
    {
        Ledger ledger = New(2);
        for (int i = 0; i < 10; i++)
            Assert.Equal(Receipt.Accepted, ledger.GiveBack(ledger.Take(At(0))!.Value, At(0)));

        Assert.Equal(0, ledger.Take(At(0))!.Value.Piece);
        Assert.Equal(0, ledger.Failures);
    }

    [Fact]
    public void What_is_restored_is_not_handed_out()
    {
        Ledger ledger = New(3);
        ledger.Restore(0, PieceState.Finished, "a");
        ledger.Restore(2, PieceState.SetAside, "error");

        Assert.Equal(1, ledger.Take(At(0))!.Value.Piece);
        Assert.Null(ledger.Take(At(0)));
        Assert.Throws<InvalidOperationException>(() => ledger.Restore(0, PieceState.Finished, "a"));
    }

    /// <summary>Whatever happens, what a piece came to never changes, and the sums are right.</summary>
    [Fact]
    public void No_order_of_calls_counts_a_piece_twice()
    {
        var random = new Random(20_161_130);
        int done = 0;
        for (int round = 0; round < 300; round++)
        {
            Ledger ledger = New(6);
            var leases = new List<LeasedPiece>();
            var ends = new string?[6];
            double now = 0;
            for (int step = 0; step < 200; step++)
            {
                now += random.NextDouble() * 3;
                LeasedPiece some = leases.Count == 0 ? default : leases[random.Next(leases.Count)];
                switch (random.Next(5))
                {
                    case 0 when ledger.Take(At(now)) is { } taken:
                        Assert.Null(ends[taken.Piece]);
                        leases.Add(taken);
                        break;
                    case 1:
                        ledger.Renew(some.Lease, At(now));
                        break;
                    case 2:
                        ledger.Finish(some, $"report {step}", At(now));
                        break;
                    case 3:
                        ledger.Fail(some, $"error {step}", At(now));
                        break;
                    default:
                        ledger.GiveBack(some, At(now));
                        break;
                }

                for (int piece = 0; piece < 6; piece++)
                {
                    if (ledger.StateOf(piece) is PieceState.Finished or PieceState.SetAside)
                        Assert.Equal(ends[piece] ??= ledger.TextOf(piece), ledger.TextOf(piece));
                }

                Assert.Equal(ends.Count(end => end is not null), ledger.Finished + ledger.SetAside);
            }

            done += ledger.IsDone ? 1 : 0;
        }

        Assert.InRange(done, 20, 300);
    }

    [Fact]
    public void A_ledger_hands_out_far_more_than_1000_pieces_a_second()
    {
        const int Pieces = 100_000;
        Ledger ledger = New(Pieces);
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < Pieces; i++)
            ledger.Finish(ledger.Take(At(i * 0.001))!.Value, "{}", At(i * 0.001));

        Assert.True(ledger.IsDone);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, Pieces / 1000);
    }

    private static Ledger New(int pieces, long firstLease = 0) =>
        new(pieces, s_lease, firstLease, (_, a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
