namespace Kmaplab.Cluster.Stores;

/// <summary>A store does not do what it was asked.</summary>
/// <param name="message">What is the matter, and where.</param>
/// <param name="isAway">Whether it may be different in a moment.</param>
/// <param name="inner">How it was noticed.</param>
public sealed class StoreException(string message, bool isAway, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether it could not be reached or did not answer, so that it may be different in a moment.</summary>
    public bool IsAway { get; } = isAway;
}
