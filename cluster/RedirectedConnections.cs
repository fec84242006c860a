using System.Net;
using System.Threading;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Kmaplab.Cluster;

/// <summary>Connects to where the coordinator can be reached, whatever it calls itself.</summary>
/// <remarks>
/// An Orleans client addresses its first calls to the place that it has connected to, and a silo that knows itself by
/// another address looks for somebody else there (dotnet/orleans issue 6420). But it is reached by many: all those of
/// its machine, a translated one, the near end of a tunnel. So both call it <see cref="CoordinatorHost.Gateway"/>.
/// </remarks>
internal sealed class RedirectedConnections(IConnectionFactory connections, EndPoint place) : IConnectionFactory
{
    /// <inheritdoc/>
    public ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default) =>
        connections.ConnectAsync(place, cancellationToken);

    /// <summary>Puts itself in front of whatever a client would have connected with.</summary>
    internal static void AddTo(IServiceCollection services, EndPoint place)
    {
        ServiceDescriptor usual = services.Last(service =>
            service.ServiceType == typeof(IConnectionFactory) && service.KeyedImplementationFactory is not null);
        services.AddKeyedSingleton<IConnectionFactory>(usual.ServiceKey, (all, key) => new RedirectedConnections(
            (IConnectionFactory)usual.KeyedImplementationFactory!(all, key), place));
    }
}
