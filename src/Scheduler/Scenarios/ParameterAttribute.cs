using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>An attribute of a scenario's class, or of one that it derives from, that says what it takes.</summary>
public interface IDeclaresParameters
{
    /// <summary>The parameters, in the order in which they are listed.</summary>
    IReadOnlyList<Parameter> Parameters { get; }
}

/// <summary>
/// A number that a scenario takes besides its sizes. Users set it with --set name=value; at boot it is
/// <c>size.Parameters.Int("name")</c>.
/// </summary>
/// <remarks>For switches, choices and texts write an attribute that is <see cref="IDeclaresParameters"/>.</remarks>
/// <param name="name">The name by which users set it: a-z, 0-9 and -.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class ParameterAttribute(string name) : Attribute, IDeclaresParameters
{
    private readonly int? _default;

    /// <summary>The name by which users set it.</summary>
    public string Name { get; } = name;

    /// <summary>What it is, in a few words.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The smallest number.</summary>
    public int Min { get; init; }

    /// <summary>The largest number.</summary>
    public int Max { get; init; } = int.MaxValue;

    /// <summary>The number unless told otherwise; the smallest one unless this says another.</summary>
    public int Default
    {
        get => _default ?? Min;
        init => _default = value;
    }

    /// <summary>Only powers of two.</summary>
    public bool PowerOfTwo { get; init; }

    IReadOnlyList<Parameter> IDeclaresParameters.Parameters =>
        [new NumberParameter(Name, Summary) { Usual = Default, Min = Min, Max = Max, PowerOfTwo = PowerOfTwo }];
}
