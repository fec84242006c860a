using System.Net;
using System.Threading;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Kmaplab.Cluster;

/// <summary>The coordinator of another process, as long as the connection to it lasts.</summary>
public sealed class CoordinatorConnection : ICoordinator, IAsyncDisposable
{
    private static readonly TimeSpan s_openMax = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly ICoordinatorGrain _grain;

    private CoordinatorConnection(IHost host)
    {
        _host = host;
        _grain = host.Services.GetRequiredService<IClusterClient>().GetGrain<ICoordinatorGrain>(0);
    }

    /// <summary>Connects, once.</summary>
    /// <exception cref="ConnectionRefusedException">The other end does not want this one.</exception>
    public static async Task<CoordinatorConnection> Open(
        IPEndPoint endpoint, ClusterIdentity identity, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var refusal = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        IHost host = new HostBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .ConfigureServices(services => services.AddSingleton<IHostLifetime, QuietLifetime>())
            .UseOrleansClient(client => Configure(client, endpoint, identity, refusal))
            .Build();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_openMax);
        Task start = host.StartAsync(timeout.Token);
        await Task.WhenAny(start, refusal.Task, Task.Delay(s_openMax, cancellation));
        if (!refusal.Task.IsCompleted && start.IsCompletedSuccessfully)
            return new CoordinatorConnection(host);

        _ = start.ContinueWith(_ => host.Dispose(), TaskScheduler.Default);
        if (refusal.Task.IsCompleted)
            throw await refusal.Task;

        cancellation.ThrowIfCancellationRequested();
        throw start.Exception?.InnerException ?? new TimeoutException("no answer");
    }

    /// <inheritdoc/>
    public Task<Assignment> Take(string worker) => _grain.Take(worker);

    /// <inheritdoc/>
    public Task<Receipt> Report(Outcome outcome) => _grain.Report(outcome);

    /// <inheritdoc/>
    public Task Renew(string worker, long[] leases) => _grain.Renew(worker, leases);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await _host.StopAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The other end may be gone, and whatever it does not answer any more is of no use.
        }

        _host.Dispose();
    }

    private static void Configure(
        IClientBuilder client, IPEndPoint endpoint, ClusterIdentity identity, TaskCompletionSource<Exception> refusal)
    {
        client.UseStaticClustering(CoordinatorHost.Gateway);
        RedirectedConnections.AddTo(client.Services, endpoint);
        client.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = CoordinatorHost.ClusterName;
            options.ServiceId = CoordinatorHost.ClusterName;
        });
        client.Configure<ClientMessagingOptions>(MessageLimits.Set);
        if (identity.Certificate is { } certificate)
        {
            client.UseTls(options =>
            {
                options.ClientCertificateMode = RemoteCertificateMode.NoCertificate;
                options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
                options.RemoteCertificateValidation = (theirs, _, _) =>
                {
                    // This very certificate, whoever has signed it: it was handed over beforehand.
                    bool isTheOne = theirs.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);
                    if (!isTheOne)
                    {
                        refusal.TrySetResult(new ConnectionRefusedException(
                            "the coordinator has another certificate than --certificate says"));
                    }

                    return isTheOne;
                };
            });
        }

        client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(builder =>
            builder.Use(next => connection => Greet(connection, identity, refusal, next))));
    }

    private static async Task Greet(
        ConnectionContext connection,
        ClusterIdentity identity,
        TaskCompletionSource<Exception> refusal,
        ConnectionDelegate next)
    {
        try
        {
            await Handshake.Pass(connection.Transport, identity);
        }
        catch (Exception exception)
        {
            refusal.TrySetResult(exception); // Orleans would try the same again for a while.
            throw;
        }

        await next(connection);
    }
}
