using System.Security.Cryptography.X509Certificates;

namespace Kmaplab.Cluster;

/// <summary>What both ends of a connection must agree on before either reads anything else.</summary>
public sealed record ClusterIdentity
{
    /// <summary>The program, in words that name its version and its build.</summary>
    public required string Build { get; init; }

    /// <summary>What both ends know and nobody else; empty if none was given.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>The coordinator's certificate, with its key only there; null for a connection in the clear.</summary>
    public X509Certificate2? Certificate { get; init; }
}
