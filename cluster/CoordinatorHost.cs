using System.Net;
using System.Net.Sockets;
using System.Threading;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Kmaplab.Cluster;

/// <summary>Lets workers on other machines reach the coordinator of this process.</summary>
/// <remarks>
/// One silo, and no other can join: silos that find each other stay stuck when the first of them starts again. What
/// must survive is in the coordinator's own file.
/// </remarks>
public sealed class CoordinatorHost : IAsyncDisposable
{
    internal const string ClusterName = "kmaplab";

    /// <summary>What Orleans calls this place, at both ends; where it really is, only the sockets know.</summary>
    internal static readonly IPEndPoint Gateway = new(IPAddress.Loopback, 11_400);

    private readonly IHost _host;

    private CoordinatorHost(IHost host) => _host = host;

    /// <summary>Starts to listen.</summary>
    /// <param name="endpoint">Where; the port must not be 0.</param>
    /// <param name="identity">Who may come.</param>
    /// <param name="coordinator">Whom they reach.</param>
    /// <param name="refused">Told of everybody who is sent away, and why.</param>
    public static async Task<CoordinatorHost> Start(
        IPEndPoint endpoint, ClusterIdentity identity, ICoordinator coordinator, Action<string> refused)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(identity);
        IHost host = new HostBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .ConfigureServices(services =>
                services.AddSingleton<IHostLifetime, QuietLifetime>().AddSingleton(coordinator))
            .UseOrleans(silo => Configure(silo, endpoint, identity, refused))
            .Build();
        try
        {
            await host.StartAsync();
            return new CoordinatorHost(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _host.StopAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Workers that are gone do not say goodbye.
        }

        _host.Dispose();
    }

    private static void Configure(
        ISiloBuilder silo, IPEndPoint endpoint, ClusterIdentity identity, Action<string> refused)
    {
        silo.UseLocalhostClustering(FreePort(), Gateway.Port, null, ClusterName, ClusterName);
        silo.Configure<EndpointOptions>(options => options.GatewayListeningEndpoint = endpoint);
        silo.Configure<SiloMessagingOptions>(MessageLimits.Set);

        // A silo that is alone has nobody to tell every second how much it has to do.
        silo.Configure<DeploymentLoadPublisherOptions>(options =>
            options.DeploymentLoadPublisherRefreshTime = TimeSpan.FromMinutes(1));
        if (identity.Certificate is { } certificate)
        {
            silo.UseTls(options =>
            {
                options.LocalCertificate = certificate;
                options.RemoteCertificateMode = RemoteCertificateMode.NoCertificate;
                options.ClientCertificateMode = RemoteCertificateMode.NoCertificate;
            });
        }

        // Each stands inside what was configured before it: the handshake is under TLS.
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(builder => builder.Use(_ => HangUp));
            options.ConfigureGatewayInboundConnection(builder =>
                builder.Use(next => connection => Greet(connection, identity, refused, next)));
        });
    }

    // There is one silo, so nobody who calls another one belongs to it.
    private static Task HangUp(ConnectionContext connection)
    {
        connection.Abort();
        return Task.CompletedTask;
    }

    private static async Task Greet(
        ConnectionContext connection, ClusterIdentity identity, Action<string> refused, ConnectionDelegate next)
    {
        string? reason;
        try
        {
            reason = await Handshake.Accept(connection.Transport, identity);
        }
        catch (EndOfStreamException)
        {
            return; // Somebody has looked whether there is anybody.
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            reason = "it is no worker of this program";
        }

        if (reason is null)
            await next(connection);
        else
            refused($"{connection.RemoteEndPoint}: {reason}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
