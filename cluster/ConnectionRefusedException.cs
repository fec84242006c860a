namespace Kmaplab.Cluster;

/// <summary>The other end does not want this one, or is not what it should be; trying again is no use.</summary>
public sealed class ConnectionRefusedException(string message) : Exception(message);
