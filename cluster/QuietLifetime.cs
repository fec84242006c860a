using System.Threading;
using Microsoft.Extensions.Hosting;

namespace Kmaplab.Cluster;

/// <summary>Leaves signals to the program: a host of its own would take Ctrl-C away from it.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
