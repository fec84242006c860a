using System.Globalization;
using System.Text;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Words of memory as text: "pkmap_count = 0*3 2 1", with how often each word comes in a row.</summary>
internal static class MemoryRuns
{
    private const string Separator = " = ";
    private const int WordsMax = 1 << 26; // More than a machine has.

    internal static string Format(NamedWords part)
    {
        var text = new StringBuilder(part.Name).Append(Separator.AsSpan(0, 2));
        for (int i = 0; i < part.Words.Count;)
        {
            int length = 1;
            while (i + length < part.Words.Count && part.Words[i + length] == part.Words[i])
                length++;

            text.Append(CultureInfo.InvariantCulture, $" {part.Words[i]}");
            if (length > 1)
                text.Append(CultureInfo.InvariantCulture, $"*{length}");

            i += length;
        }

        return text.ToString();
    }

    /// <summary>Reads such a text; null if it is none.</summary>
    internal static NamedWords? Parse(string text)
    {
        int separator = text.LastIndexOf(Separator.TrimEnd(), StringComparison.Ordinal);
        if (separator <= 0)
            return null;

        var words = new List<int>();
        string list = text[(separator + 2)..];
        foreach (string run in list.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] halves = run.Split('*');
            int length = 1;
            bool isRun = halves.Length <= 2
                && int.TryParse(halves[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int word)
                && (halves.Length == 1
                    || int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out length))
                && length is > 0 and <= WordsMax
                && words.Count + length <= WordsMax;
            if (!isRun)
                return null;

            words.AddRange(Enumerable.Repeat(int.Parse(halves[0], CultureInfo.InvariantCulture), length));
        }

        return new NamedWords(text[..separator], words);
    }
}
