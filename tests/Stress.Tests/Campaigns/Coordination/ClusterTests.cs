using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Coordination.States;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>A coordinator and workers at both ends of a connection.</summary>
public sealed class ClusterTests
{
    private static readonly ClusterIdentity s_plain = new() { Build = "1.0 (build a)" };

    [Fact]
    public async Task Workers_at_the_other_end_finish_every_piece()
    {
        const int Pieces = 3000;
        var campaign = new NumberedCampaign(Pieces);
        using Coordinator coordinator = New(campaign);
        IPEndPoint place = FreePlace();
        await using CoordinatorHost host = await CoordinatorHost.Start(place, s_plain, coordinator, _ => { });
        using RemoteCoordinator remote = Remote(place, s_plain);
        Assignment first = await remote.Take("warm-up");
        await remote.Report(new Outcome { Worker = "warm-up", Piece = first.Piece, Lease = first.Lease });
        var watch = Stopwatch.StartNew();
        new WorkerThreads(remote, "there", campaign.Perform).Run(16, TestContext.Current.CancellationToken);
        double perSecond = Pieces / watch.Elapsed.TotalSeconds;

        TestContext.Current.SendDiagnosticMessage($"pieces a second over a connection: {perSecond:f0}");
        Assert.Equal(
            CoordinatorTests.Squares(Pieces), coordinator.Results().Select(result => result!.Report));
        Assert.True(perSecond > 100, $"{perSecond} pieces a second");
    }

    [Fact]
    public async Task A_worker_of_another_build_is_refused_and_both_are_named()
    {
        IPEndPoint place = FreePlace();
        var refused = new TaskCompletionSource<string>();
        using Coordinator coordinator = New(new NumberedCampaign(1));
        await using CoordinatorHost host = await CoordinatorHost.Start(
            place, s_plain, coordinator, reason => refused.TrySetResult(reason));
        using RemoteCoordinator remote = Remote(place, s_plain with { Build = "1.0 (build b)" });

        UsageException exception = await Assert.ThrowsAsync<UsageException>(() => remote.Take("there"));
        Assert.Equal(
            $"{place}: the coordinator is 1.0 (build a), and this is 1.0 (build b): run the same program at both ends",
            exception.Message);
        Assert.EndsWith("it is 1.0 (build b), and this is 1.0 (build a)", await refused.Task, StringComparison.Ordinal);
        Assert.Empty(coordinator.Progress().Workers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("another secret")]
    public async Task A_worker_without_the_secret_is_refused(string secret)
    {
        IPEndPoint place = FreePlace();
        using Coordinator coordinator = New(new NumberedCampaign(1));
        ClusterIdentity identity = s_plain with { Secret = "the right secret"u8.ToArray() };
        await using CoordinatorHost host = await CoordinatorHost.Start(place, identity, coordinator, _ => { });
        using RemoteCoordinator remote = Remote(place, s_plain with { Secret = Encoding.UTF8.GetBytes(secret) });

        UsageException exception = await Assert.ThrowsAsync<UsageException>(() => remote.Take("there"));
        Assert.Contains("the secret is another one", exception.Message, StringComparison.Ordinal);
        Assert.Empty(coordinator.Progress().Workers);
    }

    [Fact]
    public async Task With_the_certificate_and_the_secret_a_worker_is_let_in_and_with_another_certificate_it_goes_away()
    {
        using X509Certificate2 certificate = NewCertificate();
        using X509Certificate2 another = NewCertificate();
        IPEndPoint place = FreePlace();
        var campaign = new NumberedCampaign(5);
        using Coordinator coordinator = New(campaign);
        ClusterIdentity identity = s_plain with { Secret = "secret"u8.ToArray(), Certificate = certificate };
        await using CoordinatorHost host = await CoordinatorHost.Start(place, identity, coordinator, _ => { });

        using X509Certificate2 theirs = X509CertificateLoader.LoadCertificate(another.RawData);
        using RemoteCoordinator deceived = Remote(place, identity with { Certificate = theirs });
        UsageException exception = await Assert.ThrowsAsync<UsageException>(() => deceived.Take("there"));
        Assert.Contains("another certificate", exception.Message, StringComparison.Ordinal);

        using X509Certificate2 own = X509CertificateLoader.LoadCertificate(certificate.RawData);
        using RemoteCoordinator remote = Remote(place, identity with { Certificate = own });
        new WorkerThreads(remote, "there", campaign.Perform).Run(2, TestContext.Current.CancellationToken);
        Assert.Equal(CoordinatorTests.Squares(5), coordinator.Results().Select(result => result!.Report));
    }

    // As through a tunnel, or where an address is translated, or on any of the addresses of a machine.
    [Fact]
    public async Task A_coordinator_is_reached_by_another_address_than_it_knows_of()
    {
        IPEndPoint place = FreePlace();
        IPEndPoint near = FreePlace();
        var campaign = new NumberedCampaign(5);
        using Coordinator coordinator = New(campaign);
        await using CoordinatorHost host = await CoordinatorHost.Start(
            new IPEndPoint(IPAddress.Any, place.Port), s_plain, coordinator, _ => { });
        using var tunnel = new TcpListener(near);
        tunnel.Start();
        Task forwarding = Forward(tunnel, place);

        using (RemoteCoordinator remote = Remote(near, s_plain))
            new WorkerThreads(remote, "there", campaign.Perform).Run(1, TestContext.Current.CancellationToken);

        Assert.Equal(CoordinatorTests.Squares(5), coordinator.Results().Select(result => result!.Report));
        tunnel.Stop();
        await forwarding;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\n")]
    [InlineData("\0\0\0\0\u0001")]
    public async Task Whatever_does_not_begin_like_a_worker_is_hung_up_on(string text)
    {
        IPEndPoint place = FreePlace();
        var campaign = new NumberedCampaign(3);
        using Coordinator coordinator = New(campaign);
        await using CoordinatorHost host = await CoordinatorHost.Start(place, s_plain, coordinator, _ => { });
        using (var stranger = new TcpClient())
        {
            await stranger.ConnectAsync(place, TestContext.Current.CancellationToken);
            NetworkStream stream = stranger.GetStream();
            await stream.WriteAsync(
                Encoding.UTF8.GetBytes(text.PadRight(2000, 'x') + "\n"), TestContext.Current.CancellationToken);
            byte[] answer = new byte[1000];
            int read = 0;
            try
            {
                while (await stream.ReadAsync(answer.AsMemory(read), TestContext.Current.CancellationToken) is > 0 and var more)
                    read += more;
            }
            catch (IOException)
            {
                // It did not even say goodbye.
            }

            Assert.InRange(read, 0, 200);
        }

        using RemoteCoordinator remote = Remote(place, s_plain);
        new WorkerThreads(remote, "there", campaign.Perform).Run(1, TestContext.Current.CancellationToken);
        Assert.True(coordinator.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_coordinator_that_is_not_there_is_told_and_given_up_after_the_time_that_was_said()
    {
        var said = new List<string>();
        IPEndPoint place = FreePlace();
        using var remote = new RemoteCoordinator(
            [(place.Address.ToString(), place.Port)], s_plain, TimeSpan.FromSeconds(1), said.Add, default);

        CoordinatorLostException exception =
            await Assert.ThrowsAsync<CoordinatorLostException>(() => remote.Take("there"));
        Assert.StartsWith($"the coordinator at {place} cannot be reached for 1 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal([$"the coordinator at {place} cannot be reached: trying again for 1 s"], said);
    }

    [Fact]
    public async Task Workers_go_on_with_a_coordinator_that_comes_back()
    {
        const int Pieces = 40;
        string folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;
        string state = Path.Combine(folder, "state");
        IPEndPoint place = FreePlace();
        var campaign = new NumberedCampaign(Pieces);
        using var halfway = new ManualResetEventSlim();
        using var remote = new RemoteCoordinator(
            [(place.Address.ToString(), place.Port)], s_plain, TimeSpan.FromSeconds(60), _ => { }, default);
        using var away = new ManualResetEventSlim();
        int performed = 0;
        Task work;
        using (Coordinator first = New(campaign, state))
        await using (CoordinatorHost host = await CoordinatorHost.Start(place, s_plain, first, _ => { }))
        {
            work = Task.Factory.StartNew(
                () => new WorkerThreads(remote, "there", Perform).Run(2, default), TaskCreationOptions.LongRunning);
            halfway.Wait(TestContext.Current.CancellationToken);
        }

        away.Set();
        using Coordinator second = New(campaign, state);
        Assert.InRange(second.Restored, 10, Pieces - 1);
        await using CoordinatorHost again = await CoordinatorHost.Start(place, s_plain, second, _ => { });
        await work;
        Assert.Equal(CoordinatorTests.Squares(Pieces), second.Results().Select(result => result!.Report));
        Directory.Delete(folder, recursive: true);

        string Perform(string piece, CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref performed) == Pieces / 2)
                halfway.Set();

            if (halfway.IsSet && !away.IsSet)
                away.Wait(TestContext.Current.CancellationToken); // There is something left for the second one.

            return campaign.Perform(piece, cancellation);
        }
    }

    private static async Task Forward(TcpListener tunnel, IPEndPoint place)
    {
        try
        {
            while (true)
            {
                TcpClient near = await tunnel.AcceptTcpClientAsync();
                var far = new TcpClient();
                await far.ConnectAsync(place);
                _ = Copy(near, far);
                _ = Copy(far, near);
            }
        }
        catch (SocketException)
        {
            // The tunnel was closed.
        }
    }

    private static async Task Copy(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // One end has hung up, and so does the other one.
        }

        from.Close();
        to.Close();
    }

    private static Coordinator New(NumberedCampaign campaign, string? state = null) =>
        new(campaign, s_plain.Build, state is null ? null : StateFile.At(state), TimeSpan.FromSeconds(30), TimeProvider.System);

    private static RemoteCoordinator Remote(IPEndPoint place, ClusterIdentity identity) =>
        new([(place.Address.ToString(), place.Port)], identity, TimeSpan.FromSeconds(20), _ => { }, default);

    internal static IPEndPoint FreePlace()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    internal static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            string.Create(CultureInfo.InvariantCulture, $"CN=kmaplab-{Guid.NewGuid():N}"),
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
