using System.Globalization;
using System.Text;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>
/// Values from files, arguments and modules on their way to a terminal: they must not steer it, look like something
/// else, or fill it.
/// </summary>
internal static class Printable
{
    /// <summary>The most letters of a value that are shown.</summary>
    internal const int LettersMax = 200;

    private const int LineMax = 1_000;

    /// <summary>A value within a line: what is no visible letter is escaped, and what is too long is cut.</summary>
    internal static string Of(string value) => Escaped(Cut(value, LettersMax), keepsLines: false);

    /// <summary>
    /// A message of one line: line ends in it become blanks, and if it is too long its middle is cut out, as its end
    /// says what to do.
    /// </summary>
    internal static string Line(string message)
    {
        string line = message.ReplaceLineEndings(" ").Trim();
        if (line.Length > LineMax)
            line = $"{Cut(line, LineMax / 2)} {line[^(LineMax / 2)..]}";

        return Escaped(line, keepsLines: false);
    }

    /// <summary>Text of several lines.</summary>
    internal static string Lines(string text) => Escaped(text, keepsLines: true);

    /// <summary>A word of a command line, quoted for a shell if it must be.</summary>
    internal static string Argument(string word)
    {
        if (word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./+:,=@".Contains(letter)))
            return word;

        // What no shell would read from a terminal is given as such.
        return Escaped(word, keepsLines: false) is var escaped && escaped != word
            ? $"$'{escaped.Replace("'", "\\'", StringComparison.Ordinal)}'"
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}...";

    private static string Escaped(string text, bool keepsLines)
    {
        int first = 0;
        while (first < text.Length && text[first] is >= ' ' and <= '~')
            first++;

        if (first == text.Length)
            return text;

        var escaped = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (Rune rune in text.AsSpan(first).EnumerateRunes())
        {
            if (IsVisible(rune) || (keepsLines && rune.Value is '\n' or '\r'))
                escaped.Append(rune);
            else
                escaped.Append(Escape(rune.Value));
        }

        return escaped.ToString();
    }

    // Formats among them turn the direction of what follows; separators end a line.
    private static bool IsVisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned);

    private static string Escape(int rune) => rune switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xffff => $"\\u{rune:x4}",
        _ => $"\\U{rune:x8}",
    };
}
