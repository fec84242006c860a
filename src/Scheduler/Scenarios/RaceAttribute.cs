using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>
/// Registers a race: a failure that is known to be there, with the smallest experiment that shows it.
/// </summary>
/// <remarks>On a variant it is that variant's race; on a scenario it is one of the unmodified port.</remarks>
/// <param name="name">The name by which users ask for it.</param>
/// <param name="shows">The class of failure.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RaceAttribute(string name, FailureClass shows) : Attribute
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name { get; } = name;

    /// <summary>The class of failure.</summary>
    public FailureClass Shows { get; } = shows;

    /// <summary>Other classes under which the same mistake may come to light first.</summary>
    public FailureClass[] MayShow { get; init; } = [];

    /// <summary>The scenario that a variant is put into.</summary>
    public string Scenario { get; init; } = "script";

    /// <summary>What each task does, for the scenario "script".</summary>
    public string Script { get; init; } = "";

    /// <summary>Tasks; 0 for the scenario's default.</summary>
    public int Tasks { get; init; }

    /// <summary>Slots; 0 for the scenario's default.</summary>
    public int Slots { get; init; }

    /// <summary>Pages; 0 for the scenario's default.</summary>
    public int Pages { get; init; }

    /// <summary>CPUs; 0 for the scenario's default.</summary>
    public int Cpus { get; init; }

    /// <summary>Rounds; 0 for the scenario's default.</summary>
    public int Rounds { get; init; }

    /// <summary>Mappings held at once; 0 for the scenario's default.</summary>
    public int Depth { get; init; }

    /// <summary>It shows only without CONFIG_PREEMPT.</summary>
    public bool NoPreempt { get; init; }

    /// <summary>Other parameters of the scenario, each as "name=value".</summary>
    public string[] Set { get; init; } = [];

    /// <summary>What goes wrong, and in which order, in a few sentences.</summary>
    public string Story { get; init; } = "";

    /// <summary>What the kernel does instead, or did about it.</summary>
    public string Fix { get; init; } = "";

    /// <summary>Where it comes from: the kernel function and, where there is one, the mail or commit.</summary>
    public string Reference { get; init; } = "";
}
