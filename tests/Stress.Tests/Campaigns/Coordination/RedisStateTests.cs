using System.Threading;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;
using Kmaplab.Stress.Campaigns.Coordination.States;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>What is in Redis comes back, one coordinator writes there, and what goes wrong ends it.</summary>
public sealed class RedisStateTests : IDisposable
{
    private const string Owner = "kmaplab:{squares}:owner";
    private const string Map = "kmaplab:{squares}:state";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly RedisServer _server = new();
    private readonly NumberedCampaign _campaign = new(10);
    private readonly List<string> _said = [];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task What_was_added_comes_back_in_the_order_of_the_pieces()
    {
        using (ICampaignState state = Open())
        {
            await state.Add(3, PieceState.Finished, "{\"a\":\"ä\"}");
            await state.Add(0, PieceState.SetAside, "no \"memory\"");
        }

        Assert.Equal(
            [(0, PieceState.SetAside, "no \"memory\""), (3, PieceState.Finished, "{\"a\":\"ä\"}")], Read());
        Assert.Empty(_said);
    }

    [Fact]
    public void Many_pieces_come_back_each_once()
    {
        const int Pieces = 5000;
        var campaign = new NumberedCampaign(Pieces);
        var identity = new CampaignIdentity("squares", "build 1", Pieces);
        using (ICampaignState state = Opener()(identity, campaign.Pieces, (_, _, _) => { }))
        {
            for (int piece = 0; piece < Pieces; piece++)
                state.Add(piece, PieceState.Finished, "{}");
        }

        var found = new List<int>();
        Opener()(identity, campaign.Pieces, (number, _, _) => found.Add(number)).Dispose();
        Assert.Equal(Enumerable.Range(0, Pieces), found);
    }

    [Fact]
    public void The_state_of_another_build_is_refused_and_both_are_named()
    {
        Open().Dispose();

        Assert.Equal(
            $"--state '{_server.Address}0' was written by another build (build 1, and this is build 2): go on with "
            + "that program, or begin again with another file",
            Assert.Throws<UsageException>(() => Open("build 2")).Message);
    }

    [Fact]
    public void A_state_of_another_count_and_one_of_somebody_else_are_refused()
    {
        Open().Dispose();
        Assert.Contains(
            "is of another plan (squares, 10 pieces, and this is squares, 11)",
            Assert.Throws<UsageException>(() => Opener()(
                new CampaignIdentity("squares", "build 1", 11), new NumberedCampaign(11).Pieces, (_, _, _) => { }))
                .Message,
            StringComparison.Ordinal);

        _server.Command("HDEL", Map, "header");
        _server.Command("HSET", Map, "name", "value");
        Assert.Contains(
            "is no state of a campaign", Assert.Throws<UsageException>(() => Open()).Message, StringComparison.Ordinal);
        _server.Command("DEL", Map);
        _server.Command("SET", Map, "value");
        Assert.Contains("WRONGTYPE", Assert.Throws<UsageException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_line_and_one_of_another_piece_are_refused()
    {
        using (ICampaignState state = Open())
            await state.Add(3, PieceState.Finished, "{\"a\":1}");

        string line = _server.Command("HGET", Map, "3");
        _server.Command("HSET", Map, "3", line.Replace("\"a\":1", "\"a\":2", StringComparison.Ordinal));
        Assert.Contains(
            "is damaged at piece 3", Assert.Throws<UsageException>(() => Read()).Message, StringComparison.Ordinal);
        _server.Command("HDEL", Map, "3");
        _server.Command("HSET", Map, "4", line);
        Assert.Contains(
            "is damaged at piece 4", Assert.Throws<UsageException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_followed_can_write_nothing_more_and_ends()
    {
        using ICampaignState first = Open();
        await first.Add(0, PieceState.Finished, "{}");
        _server.Command("DEL", Owner); // As when it was stopped until its time was over.
        using ICampaignState second = Open();

        StateLostException late = await Assert.ThrowsAsync<StateLostException>(
            () => first.Add(1, PieceState.Finished, "{\"late\":1}"));
        Assert.Contains("was silent for too long, so another one may go on", late.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StateLostException>(() => first.Failure.WaitAsync(s_patience, Ended));
        await Assert.ThrowsAsync<StateLostException>(first.Flushed);
        await second.Add(1, PieceState.Finished, "{}");
        Assert.EndsWith("\"report\":{}}", _server.Command("HGET", Map, "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_followed_notices_it_without_writing_and_leaves_the_other_alone()
    {
        using (ICampaignState first = Open(expiry: 0.2))
        {
            _server.Command("SET", Owner, "somebody else");

            await Assert.ThrowsAsync<StateLostException>(() => first.Failure.WaitAsync(s_patience, Ended));
        }

        Assert.Equal("somebody else", _server.Command("GET", Owner));
    }

    [Fact]
    public async Task An_active_one_says_so_for_longer_than_it_may_be_silent()
    {
        using ICampaignState first = Open(expiry: 2);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));

        Assert.ThrowsAny<OperationCanceledException>(() => Open(expiry: 2, stop: stop));
        string said = Assert.Single(_said);
        Assert.StartsWith($"here is active at {_server.Address}0: standing by", said, StringComparison.Ordinal);
        await first.Add(0, PieceState.Finished, "{}");
    }

    [Fact]
    public async Task What_Redis_has_forgotten_is_noticed_before_anybody_is_told()
    {
        using ICampaignState state = Open();
        await state.Add(0, PieceState.Finished, "{}");
        _server.Command("HDEL", Map, "0");

        StateLostException exception =
            await Assert.ThrowsAsync<StateLostException>(() => state.Add(1, PieceState.Finished, "{}"));
        Assert.StartsWith(
            "the state in Redis has 1 pieces where 2 were written", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_goes_away_ends_the_coordinator_in_a_bounded_time_and_it_hands_out_nothing_more()
    {
        using var coordinator = new Coordinator(
            _campaign, "build 1", Opener(patience: 0.1), TimeSpan.FromSeconds(30), TimeProvider.System);
        Assignment assignment = await coordinator.Take("one");
        _server.Kill();

        await Assert.ThrowsAsync<StateLostException>(() => coordinator.Report(new Outcome
        {
            Worker = "one",
            Piece = assignment.Piece,
            Lease = assignment.Lease,
            Report = _campaign.Perform(assignment.Text!, Ended),
        }).WaitAsync(s_patience, Ended));
        await Assert.ThrowsAsync<StateLostException>(() => coordinator.Completion.WaitAsync(s_patience, Ended));
        await Assert.ThrowsAsync<StateLostException>(() => coordinator.Take("one"));
    }

    [Fact]
    public void A_server_that_is_not_there_is_said_in_one_line()
    {
        _server.Kill();

        Assert.Equal(
            $"--state {_server.Address}0: it cannot be reached: see whether a Redis server is there that keeps "
            + "campaigns, or name a file",
            Assert.Throws<UsageException>(() => Open()).Message);
    }

    [Fact]
    public void A_server_that_wants_a_password_gets_it_and_says_so_without()
    {
        _server.Command("CONFIG", "SET", "requirepass", "a:b@c");

        Assert.Contains("password", Assert.Throws<UsageException>(() => Open()).Message, StringComparison.Ordinal);
        Opener(address: $"redis://:a%3Ab%40c@127.0.0.1:{_server.Port}/1")(Identity(), _campaign.Pieces, (_, _, _) => { })
            .Dispose();
    }

    [Fact]
    public void What_a_crash_of_the_server_would_cost_is_said()
    {
        _server.Command("CONFIG", "SET", "appendonly", "no");
        Open().Dispose();

        Assert.StartsWith($"{_server.Address}0 keeps what is new in memory only", Assert.Single(_said), StringComparison.Ordinal);
    }

    private ICampaignState Open(string build = "build 1", double expiry = 30, CancellationTokenSource? stop = null) =>
        Opener(expiry, stop: stop)(Identity(build), _campaign.Pieces, (_, _, _) => { });

    private List<(int Number, PieceState State, string Text)> Read()
    {
        var lines = new List<(int, PieceState, string)>();
        Opener()(Identity(), _campaign.Pieces, (number, state, text) => lines.Add((number, state, text))).Dispose();
        return lines;
    }

    private StateOpener Opener(
        double expiry = 30, double patience = 10, string? address = null, CancellationTokenSource? stop = null) =>
        RedisState.At(
            RedisAddress.Parse(address ?? _server.Address),
            "here",
            new RedisTimes(TimeSpan.FromSeconds(expiry), TimeSpan.FromSeconds(patience), TimeSpan.FromSeconds(0.05)),
            _said.Add,
            stop?.Token ?? default);

    private CampaignIdentity Identity(string build = "build 1") => new("squares", build, _campaign.Pieces.Count);
}
