namespace Kmaplab.Cluster.Stores;

/// <summary>Where a Redis server is, and as whom to go there.</summary>
public sealed record RedisPlace(string Host, int Port)
{
    /// <summary>Whether it is spoken to under TLS, with a certificate that this machine trusts.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>The number of the database.</summary>
    public int Database { get; init; }

    /// <summary>Null for the server's usual one.</summary>
    public string? User { get; init; }

    /// <summary>Null for none.</summary>
    public string? Password { get; init; }

    /// <summary>The place, without what is nobody's business.</summary>
    public override string ToString() => $"{(IsEncrypted ? "rediss" : "redis")}://{Host}:{Port}/{Database}";
}
