using System.Buffers;
using System.Globalization;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Settings;

/// <summary>
/// What an experiment was told, in order: a value for every parameter that its scenario takes. Schedules keep exactly
/// these.
/// </summary>
public sealed class Parameters : IEquatable<Parameters>
{
    private static readonly SearchValues<char> s_nameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly ParameterValue[] _values;

    /// <summary>Keeps these.</summary>
    /// <exception cref="ArgumentException">A schedule could not keep them (<see cref="ProblemOf"/>).</exception>
    public Parameters(params IEnumerable<ParameterValue> values)
    {
        _values = [.. values];
        if (ProblemOf(_values) is { } problem)
            throw new ArgumentException(problem, nameof(values));
    }

    /// <summary>No parameters.</summary>
    public static Parameters None { get; } = new();

    /// <summary>The names and values, in order.</summary>
    public IReadOnlyList<ParameterValue> Values => _values;

    /// <summary>Whether a name can be one.</summary>
    public static bool IsName(string name) =>
        name is { Length: > 0 } && !name.AsSpan().ContainsAnyExcept(s_nameLetters);

    /// <summary>What is wrong with names and values that were read somewhere; null if nothing is.</summary>
    public static string? ProblemOf(IReadOnlyList<ParameterValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (ParameterValue value in values)
        {
            if (!IsName(value.Name))
                return $"a parameter called '{value.Name}', and names are made of a-z, 0-9 and -";

            if (!names.Add(value.Name))
                return $"'{value.Name}' twice";

            if (Finding.FirstLineOf(value.Value) != value.Value)
                return $"'{value.Name}' is more than a line of text, or has blanks around it";
        }

        return null;
    }

    /// <summary>A value; null if there is none of that name.</summary>
    public string? Find(string name)
    {
        foreach (ParameterValue value in _values)
        {
            if (value.Name == name)
                return value.Value;
        }

        return null;
    }

    /// <summary>The value of a parameter, as it is kept.</summary>
    /// <exception cref="UsageException">The scenario has not declared it.</exception>
    public string Text(string name)
    {
        if (Find(name) is { } value)
            return value;

        string all = _values.Length == 0 ? "none" : string.Join(", ", _values.Select(other => other.Name));
        throw Wrong(name, $"and declares {all}");
    }

    /// <summary>The value of a parameter that is a number.</summary>
    /// <exception cref="UsageException">The scenario has not declared it, or not as a number.</exception>
    public int Int(string name)
    {
        string text = Text(name);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Wrong(name, $"as a number, and it is '{text}'");
    }

    /// <summary>The value of a parameter that is on or off.</summary>
    /// <exception cref="UsageException">The scenario has not declared it, or not as a switch.</exception>
    public bool IsOn(string name) => Text(name) switch
    {
        SwitchParameter.On => true,
        SwitchParameter.Off => false,
        var other => throw Wrong(name, $"as a switch, and it is '{other}'"),
    };

    /// <summary>The same with another value, or with one more.</summary>
    public Parameters With(string name, string value)
    {
        var changed = new ParameterValue(name, value);
        return Find(name) is null
            ? new Parameters([.. _values, changed])
            : new Parameters(_values.Select(old => old.Name == name ? changed : old));
    }

    /// <inheritdoc/>
    public bool Equals(Parameters? other) => other is not null && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Parameters);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', _values);

    private static UsageException Wrong(string name, string what) =>
        new($"the scenario asks for its parameter '{name}' {what}");
}

/// <summary>The value of a parameter.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Value">Its value, as it is kept.</param>
public readonly record struct ParameterValue(string Name, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}={Value}";
}
