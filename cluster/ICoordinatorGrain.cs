using Orleans.Concurrency;

namespace Kmaplab.Cluster;

/// <summary>The coordinator as workers on other machines call it.</summary>
public interface ICoordinatorGrain : IGrainWithIntegerKey
{
    /// <inheritdoc cref="ICoordinator.Take"/>
    Task<Assignment> Take(string worker);

    /// <inheritdoc cref="ICoordinator.Report"/>
    Task<Receipt> Report(Outcome outcome);

    /// <inheritdoc cref="ICoordinator.Renew"/>
    Task Renew(string worker, long[] leases);
}

/// <summary>The coordinator of its process, told by calls.</summary>
/// <remarks>
/// It keeps nothing itself, so it may be activated again at any time. It is reentrant because a report waits for the
/// disk, and others shall not wait for it: what must not happen at once is under the coordinator's own lock.
/// </remarks>
[Reentrant]
public sealed class CoordinatorGrain(ICoordinator coordinator) : Grain, ICoordinatorGrain
{
    /// <inheritdoc/>
    public Task<Assignment> Take(string worker) => coordinator.Take(worker);

    /// <inheritdoc/>
    public Task<Receipt> Report(Outcome outcome) => coordinator.Report(outcome);

    /// <inheritdoc/>
    public Task Renew(string worker, long[] leases) => coordinator.Renew(worker, leases);
}
