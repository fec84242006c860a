using System.Reflection;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>A scenario that was found.</summary>
/// <param name="Attribute">What it says about itself.</param>
/// <param name="Definition">Its type, open over the kernel.</param>
public sealed record ScenarioEntry(ScenarioAttribute Attribute, Type Definition)
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name => Attribute.Name;

    /// <summary>What it can be told.</summary>
    /// <exception cref="UsageException">It declares something that cannot be.</exception>
    public ScenarioParameters Parameters => ScenarioParameters.Of(Attribute, Definition);
}

/// <summary>A variant of the port that was found.</summary>
/// <param name="Attribute">What it says about itself.</param>
/// <param name="Definition">Its type, open over the kernel.</param>
public sealed record VariantEntry(VariantAttribute Attribute, Type Definition)
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name => Attribute.Name;
}

/// <summary>A detector that was found.</summary>
/// <param name="Attribute">What it says about itself.</param>
/// <param name="Definition">Its class.</param>
public sealed record DetectorEntry(DetectorAttribute Attribute, Type Definition)
{
    /// <summary>The name by which users know it.</summary>
    public string Name => Attribute.Name;

    /// <summary>A new one, for one machine image.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    public Detector Create()
    {
        string where = $"{Definition.FullName} in {Definition.Assembly.GetName().Name}";
        try
        {
            return (Detector)Activator.CreateInstance(Definition)!;
        }
        catch (TargetInvocationException exception)
        {
            Exception thrown = exception.InnerException ?? exception;
            throw new UsageException(
                $"{where} cannot be made: its constructor throws {thrown.GetType().Name}: {thrown.Message}");
        }
        catch (Exception exception)
            when (exception
                    is MissingMethodException
                        or InvalidCastException
                        or ArgumentException
                        or MemberAccessException)
        {
            throw new UsageException(
                $"{where} cannot be a detector: it must be a Detector with a public constructor that takes nothing");
        }
    }
}

/// <summary>A race that was found.</summary>
/// <param name="Attribute">What it says about itself.</param>
/// <param name="Experiment">The smallest experiment that shows it.</param>
public sealed record RaceEntry(RaceAttribute Attribute, Experiment Experiment)
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name => Attribute.Name;

    /// <summary>The mistake in a few words: of the variant, or of those who use the port.</summary>
    public string WhatIsWrong => Experiment.Variant?.Attribute.Summary ?? $"no bug of the port: {WhatUsersDo}";

    private string WhatUsersDo => Experiment.Size.Script is { Length: > 0 } script
        ? $"'{script}'"
        : Experiment.Scenario.Attribute.Summary;

    /// <summary>Whether a class of failure is this race, and not something else.</summary>
    public bool IsShownBy(Detection.FailureClass failure) =>
        failure == Attribute.Shows || Attribute.MayShow.Contains(failure);
}
