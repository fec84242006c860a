using System.Threading;

namespace Kmaplab.Stress.Speeds;

/// <summary>A program whose speed is measured.</summary>
internal abstract class Contestant(string name)
{
    /// <summary>What it is called in the table.</summary>
    internal string Name { get; } = name;

    /// <summary>Searches once.</summary>
    /// <returns>What was measured, in the unit of the search; null if it does not know such a search.</returns>
    internal abstract double? Measure(SearchSpeed search, CancellationToken cancellation);
}
