namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Registers a strategy, of the library or of a module: a <see cref="SearchStrategy"/> with a public constructor that
/// takes the seed.
/// </summary>
/// <param name="name">The name by which users ask for it.</param>
/// <param name="summary">How it picks, in one sentence.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StrategyAttribute(string name, string summary) : Attribute
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name { get; } = name;

    /// <summary>How it picks, in one sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>
    /// What a number behind the name means, as in pct:3; empty if the strategy takes none. With one it has a public
    /// constructor that takes the seed and that number, an int.
    /// </summary>
    public string Bound { get; init; } = "";

    /// <summary>The smallest such number.</summary>
    public int BoundMin { get; init; }

    /// <summary>The greatest.</summary>
    public int BoundMax { get; init; }
}
