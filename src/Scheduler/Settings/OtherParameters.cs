using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Settings;

/// <summary>A parameter that is on or off; off unless told otherwise.</summary>
public sealed record SwitchParameter(string Name, string Summary) : Parameter(Name, Summary)
{
    /// <summary>The value of one that is on.</summary>
    public const string On = "yes";

    /// <summary>The value of one that is off.</summary>
    public const string Off = "no";

    /// <inheritdoc/>
    public override string Default => Off;

    /// <inheritdoc/>
    public override string Form => $"{On}|{Off}";

    /// <inheritdoc/>
    public override string Range => $"{On} or {Off}";

    /// <inheritdoc/>
    public override string Read(ParameterSetting given) => given.Text is On or Off
        ? given.Text
        : throw new UsageException($"{given.Option} takes '{On}' or '{Off}', not '{given.Text}'");
}

/// <summary>A parameter that is one of some words.</summary>
/// <param name="Name">The name by which users set it.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Choices">The words.</param>
/// <param name="Usual">The one that it is unless told otherwise.</param>
public sealed record ChoiceParameter(string Name, string Summary, IReadOnlyList<string> Choices, string Usual)
    : Parameter(Name, Summary)
{
    /// <summary>What is said of any other word, after it.</summary>
    public string Otherwise { get; init; } = "is not there";

    /// <inheritdoc/>
    public override string Default => Usual;

    /// <inheritdoc/>
    public override string Form => Name.ToUpperInvariant();

    /// <inheritdoc/>
    public override string Range => string.Join(", ", Choices);

    /// <inheritdoc/>
    public override string Read(ParameterSetting given) => Choices.Contains(given.Text)
        ? given.Text
        : throw new UsageException($"{given.Option} '{given.Text}' {Otherwise}: {Range} are");
}

/// <summary>A parameter that is a line of text.</summary>
/// <param name="Name">The name by which users set it.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Usual">What it is unless told otherwise.</param>
public sealed record TextParameter(string Name, string Summary, string Usual = "") : Parameter(Name, Summary)
{
    /// <inheritdoc/>
    public override string Default => Finding.FirstLineOf(Usual);

    /// <inheritdoc/>
    public override string Form => "TEXT";

    /// <inheritdoc/>
    public override string Range => "a line of text";

    /// <inheritdoc/>
    public override string Read(ParameterSetting given) => Finding.FirstLineOf(given.Text);
}
