namespace Kmaplab.Cluster;

/// <summary>Hands out pieces of work, wherever it is: in this process, or at the other end of a connection.</summary>
public interface ICoordinator
{
    /// <summary>Asks for a piece.</summary>
    Task<Assignment> Take(string worker);

    /// <summary>Says what became of a piece; what was accepted is on disk when this returns.</summary>
    Task<Receipt> Report(Outcome outcome);

    /// <summary>Says that a worker is still busy with these.</summary>
    Task Renew(string worker, long[] leases);
}
