using System.Globalization;
using System.Numerics;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Settings;

/// <summary>A parameter that is a whole number, or one of some words that stand for numbers.</summary>
public sealed record NumberParameter(string Name, string Summary) : Parameter(Name, Summary)
{
    /// <summary>
    /// The value unless told otherwise. It may be one that nobody can ask for, like 0 for as many as needed.
    /// </summary>
    public int Usual { get; init; }

    /// <summary>The smallest number.</summary>
    public int Min { get; init; }

    /// <summary>The largest number.</summary>
    public int Max { get; init; } = int.MaxValue;

    /// <summary>Only powers of two.</summary>
    public bool PowerOfTwo { get; init; }

    /// <summary>Why only these; empty if it goes without saying.</summary>
    public string WhyPowerOfTwo { get; init; } = "";

    /// <summary>Words that may stand in the place of a number.</summary>
    public IReadOnlyList<ParameterWord> Words { get; init; } = [];

    /// <inheritdoc/>
    public override string Default => Keep(Usual);

    /// <inheritdoc/>
    public override string Form => string.Join('|', Words.Select(word => word.Word).Prepend("N"));

    /// <inheritdoc/>
    public override string Range => $"{Min} to {Max}{OrWords(", ")}{(PowerOfTwo ? ", a power of two" : "")}";

    /// <summary>A number as it is kept: a word only where no number means the same.</summary>
    public string Keep(int number) => IsInRange(number) ? Digits(number) : Show(number);

    /// <summary>The number that a kept value stands for.</summary>
    public int NumberOf(string kept) => TryRead(kept, out int number)
        ? number
        : throw new ArgumentException($"'{kept}' is no value of {Name}", nameof(kept));

    /// <inheritdoc/>
    public override string Read(ParameterSetting given)
    {
        if (TryRead(given.Text, out int number))
            return Keep(number);

        string words = string.Join(" or ", Words.Select(word => $"'{word.Word}'"));
        string expected = Words.Count == 0 ? $"a number from {Min} to {Max}" : $"a number, {words}";
        throw new UsageException($"{given.Option} takes {expected}, not '{given.Text}'");
    }

    /// <inheritdoc/>
    public override void Check(ParameterSetting given, string taker)
    {
        string kept = Read(given);
        int number = NumberOf(kept);
        ParameterWord? word = WordOf(kept);
        if (word is null ? !IsInRange(number) : word.Value.WhyNot is not null)
        {
            string range = $"{Min} to {Max}{OrWords(", or ")}";
            string why = word is null ? "" : $" ({word.Value.WhyNot})";
            throw new UsageException($"{given.Source}{kept} is impossible: {taker} takes {range}{why}");
        }

        if (PowerOfTwo && !BitOperations.IsPow2(number))
        {
            string why = WhyPowerOfTwo.Length > 0 ? $": {WhyPowerOfTwo}" : "";
            throw new UsageException($"{given.Source}{kept} is no power of two{why} ({Powers()})");
        }
    }

    /// <inheritdoc/>
    public override string Show(string kept) => Show(NumberOf(kept));

    private static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Show(int number)
    {
        foreach (ParameterWord word in Words)
        {
            if (word.Value == number)
                return word.Word;
        }

        return Digits(number);
    }

    private ParameterWord? WordOf(string text)
    {
        foreach (ParameterWord word in Words)
        {
            if (word.Word == text)
                return word;
        }

        return null;
    }

    private bool IsInRange(int number) => number >= Min && number <= Max;

    // A number below zero may be what a word stands for, and only the word means it.
    private bool TryRead(string text, out int number)
    {
        if (WordOf(text) is { } word)
        {
            number = word.Value;
            return true;
        }

        number = 0;
        return !(Words.Count > 0 && text.StartsWith('-'))
            && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private string OrWords(string single)
    {
        string[] words = [.. Words.Where(word => word.WhyNot is null).Select(word => word.Word)];
        return words.Length switch
        {
            0 => "",
            1 => $"{single}{words[0]}",
            _ => $", {string.Join(", ", words[..^1])} or {words[^1]}",
        };
    }

    private string Powers()
    {
        long first = (long)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, Min));
        long[] powers = [.. Enumerable.Range(0, 31).Select(power => first << power).Where(power => power <= Max)];
        return powers.Length <= 4
            ? string.Join(", ", powers)
            : $"{powers[0]}, {powers[1]}, {powers[2]} ... {powers[^1]}";
    }
}

/// <summary>A word in the place of a number.</summary>
/// <param name="Word">The word.</param>
/// <param name="Value">The number that it stands for.</param>
/// <param name="WhyNot">Why it is impossible here, though elsewhere it is not; null if it is possible.</param>
public readonly record struct ParameterWord(string Word, int Value, string? WhyNot = null);
