using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Settings;

/// <summary>A value that somebody has written for a parameter, and where: errors repeat both.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Text">The value as it was written.</param>
/// <param name="Source">What stands in front of the value there: "--tasks " or "--set buckets=".</param>
public readonly record struct ParameterSetting(string Name, string Text, string Source)
{
    /// <summary>Written with an option of that name, which scenarios that have no such parameter ignore.</summary>
    public static ParameterSetting OfOption(string name, string text) => new(name, text, OptionSource(name));

    /// <summary>Written as name=value, which is for one scenario and never ignored.</summary>
    public static ParameterSetting OfSet(string name, string text) => new(name, text, $"--set {name}=");

    /// <summary>Kept in a schedule.</summary>
    public static ParameterSetting OfSchedule(string name, string text) => new(name, text, $"the schedule's {name}=");

    /// <summary>Reads name=value.</summary>
    /// <exception cref="UsageException">It is something else.</exception>
    public static ParameterSetting ParseSet(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=');
        return equals > 0 && equals < text.Length - 1
            ? OfSet(text[..equals], text[(equals + 1)..])
            : throw new UsageException($"--set takes a name and a value like 'tasks=2', not '{text}'");
    }

    /// <summary>Who has it must have such a parameter.</summary>
    public bool MustBeTaken => Source != OptionSource(Name);

    /// <summary>What takes the value: --tasks, or --set buckets.</summary>
    public string Option => Source.TrimEnd(' ', '=');

    /// <inheritdoc/>
    public override string ToString() => Source + Text;

    private static string OptionSource(string name) => $"--{name} ";
}
