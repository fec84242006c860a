using System.Globalization;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Reads the fields of a schedule file, one a line, in their order.</summary>
internal sealed class FieldReader(string[] lines, string source, int line = 1)
{
    /// <summary>The index of the next line.</summary>
    internal int Line { get; private set; } = line;

    /// <summary>Whether the next line is this field.</summary>
    internal bool Has(string name) =>
        Line < lines.Length && lines[Line].StartsWith($"{name}:", StringComparison.Ordinal);

    internal string Text(string name)
    {
        string expected = $"{name}:";
        string line = Line < lines.Length ? lines[Line] : "";
        Line++;
        return line.StartsWith(expected, StringComparison.Ordinal)
            ? line[expected.Length..].Trim()
            : throw new ScheduleFormatException($"{source}, line {Line}: expected '{expected} ...', found '{line}'");
    }

    internal int Int(string name)
    {
        string text = Text(name);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Wrong(name, text, "a number");
    }

    /// <summary>A number, or a word that may stand in its place; as it is written.</summary>
    internal string NumberOr(string name, string word)
    {
        if (Line >= lines.Length || lines[Line] != $"{name}: {word}")
            return $"{Int(name)}";

        Line++;
        return word;
    }

    internal ulong UnsignedLong(string name)
    {
        string text = Text(name);
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw Wrong(name, text, "a number");
    }

    internal ulong Hex(string name)
    {
        string text = Text(name);
        return ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw Wrong(name, text, "a hexadecimal number");
    }

    internal bool YesOrNo(string name) => Text(name) switch
    {
        "yes" => true,
        "no" => false,
        var other => throw Wrong(name, other, "'yes' or 'no'"),
    };

    internal FailureClass? Verdict(string name, string none)
    {
        string text = Text(name);
        if (text == none)
            return null;

        return FailureClassNames.TryParse(text, out FailureClass failure)
            ? failure
            : throw Wrong(name, text, "a class of failure");
    }

    internal ScheduleFormatException Wrong(string name, string text, string expected) =>
        new($"{source}, line {Line}: {name} is '{text}', which is not {expected}");
}
