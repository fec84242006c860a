namespace Kmaplab.Scheduler.Scenarios;

/// <summary>
/// Registers a detector of a module (<see cref="Simulation.Detector"/>): a class with a public constructor that takes
/// nothing. It watches whatever is run while its module is loaded, beside the standard ones.
/// </summary>
/// <param name="name">The name by which users know it.</param>
/// <param name="summary">What it finds, in one sentence.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DetectorAttribute(string name, string summary) : Attribute
{
    /// <summary>The name by which users know it.</summary>
    public string Name { get; } = name;

    /// <summary>What it finds, in one sentence.</summary>
    public string Summary { get; } = summary;
}
