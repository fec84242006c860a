namespace Kmaplab.Cluster;

/// <summary>What a coordinator says to an outcome.</summary>
public enum Receipt
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>The same was there already, and nothing has changed.</summary>
    Repeated,

    /// <summary>Its lease has run out, or is of an earlier coordinator: it does not count.</summary>
    Late,

    /// <summary>The piece has a report that says something else: one of them is wrong.</summary>
    Differs,
}
