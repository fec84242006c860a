using System.Diagnostics.Metrics;
using System.Threading;
using Kmaplab.Cluster;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Coordination.States;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>Threads of this process that perform the pieces of a campaign.</summary>
public sealed class CoordinatorTests : IDisposable
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;

    private string Place => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Several_threads_finish_every_piece_once()
    {
        var campaign = new NumberedCampaign(200);
        using Coordinator coordinator = New(campaign);
        var threads = new WorkerThreads(coordinator, "here", campaign.Perform);
        threads.Run(4, TestContext.Current.CancellationToken);

        await coordinator.Completion;
        Assert.Equal(200, threads.Finished);
        Assert.Equal(Squares(200), coordinator.Results().Select(result => result!.Report));
    }

    [Fact]
    public void A_coordinator_that_starts_again_goes_on_where_the_first_one_stopped()
    {
        var campaign = new NumberedCampaign(50);
        int performed = 0;
        using (var stop = new CancellationTokenSource())
        using (Coordinator first = New(campaign))
        {
            new WorkerThreads(first, "here", Count).Run(2, stop.Token);

            string Count(string piece, CancellationToken cancellation)
            {
                if (Interlocked.Increment(ref performed) == 20)
                    stop.Cancel();

                return campaign.Perform(piece, cancellation);
            }
        }

        using Coordinator second = New(campaign);
        Assert.InRange(second.Restored, 20, 22);
        var threads = new WorkerThreads(second, "here", campaign.Perform);
        threads.Run(2, TestContext.Current.CancellationToken);
        Assert.Equal(50 - second.Restored, threads.Finished);
        Assert.Equal(10 * 50, second.Progress().Executions); // Those of the first one as well.
        Assert.Equal(Squares(50), second.Results().Select(result => result!.Report));
    }

    [Fact]
    public void A_piece_that_always_fails_is_set_aside_and_the_others_are_not()
    {
        var campaign = new NumberedCampaign(5);
        using Coordinator coordinator = New(campaign);
        new WorkerThreads(coordinator, "here", FailOnTwo).Run(2, TestContext.Current.CancellationToken);

        PieceOutcome?[] results = [.. coordinator.Results()];
        Assert.Equal("InvalidOperationException: no two", results[2]!.Error);
        Assert.Equal(4, results.Count(result => result!.Report is not null));
        Assert.Equal(3, coordinator.Progress().Failures);

        string FailOnTwo(string piece, CancellationToken cancellation) =>
            piece == campaign.Pieces[2]
                ? throw new InvalidOperationException("no two")
                : campaign.Perform(piece, cancellation);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{\"square\":\n1}")]
    [InlineData("")]
    public void What_cannot_be_a_report_is_none(string report)
    {
        using Coordinator coordinator = New(new NumberedCampaign(1));
        new WorkerThreads(coordinator, "here", (_, _) => report).Run(1, TestContext.Current.CancellationToken);

        Assert.StartsWith("its report is", coordinator.Results().Single()!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_reports_that_differ_are_told_and_the_first_one_stays()
    {
        using Coordinator coordinator = New(new NumberedCampaign(1));
        Assignment piece = await coordinator.Take("a");
        var outcome = new Outcome { Worker = "a", Piece = 0, Lease = piece.Lease, Report = "{\"square\":0}" };

        Assert.Equal(Receipt.Accepted, await coordinator.Report(outcome));
        Assert.Equal(Receipt.Repeated, await coordinator.Report(outcome));
        Assert.Empty(coordinator.Differing);
        Assert.Equal(Receipt.Differs, await coordinator.Report(outcome with { Report = "{\"square\":1}" }));
        Assert.Equal([0], coordinator.Differing);
        Assert.Equal("{\"square\":0}", coordinator.Results().Single()!.Report);
    }

    [Fact]
    public async Task A_worker_is_told_only_of_what_is_on_disk()
    {
        var campaign = new NumberedCampaign(5);
        using Coordinator coordinator = New(campaign);
        for (int i = 1; i <= 5; i++)
        {
            Assignment piece = await coordinator.Take("a");
            await coordinator.Report(new Outcome
            {
                Worker = "a",
                Piece = piece.Piece,
                Lease = piece.Lease,
                Report = campaign.Perform(piece.Text!, TestContext.Current.CancellationToken),
            });
            Assert.Equal(1 + i, LinesOnDisk());
        }
    }

    [Fact]
    public void What_happens_to_pieces_is_counted_for_those_who_scrape()
    {
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == CampaignMeter.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        var own = new AsyncLocal<bool> { Value = true };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            // Other tests count as well, in other contexts.
            if (!own.Value)
                return;

            lock (counted)
                counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();
        using Coordinator coordinator = New(new NumberedCampaign(3));
        new WorkerThreads(coordinator, "here", (piece, _) => piece.Contains('1') ? "bad" : "{\"square\":0}").Run(1, TestContext.Current.CancellationToken);

        Assert.Equal(5, counted["kmaplab.campaign.pieces.handed_out"]);
        Assert.Equal(2, counted["kmaplab.campaign.pieces.finished"]);
        Assert.Equal(3, counted["kmaplab.campaign.pieces.failed"]);
        Assert.Equal(1, counted["kmaplab.campaign.pieces.set_aside"]);
    }

    internal static IEnumerable<string> Squares(int pieces) =>
        Enumerable.Range(0, pieces).Select(piece => $"{{\"square\":{piece * piece}}}");

    // The file is locked for those who ask; cat does not.
    private int LinesOnDisk() => ChildProcess
        .Run("cat", [Place], _folder, timeMax: null, TestContext.Current.CancellationToken)!
        .Value.Output.Count(letter => letter == '\n');

    private Coordinator New(NumberedCampaign campaign) =>
        new(campaign, "build 1", StateFile.At(Place), s_lease, TimeProvider.System);
}
