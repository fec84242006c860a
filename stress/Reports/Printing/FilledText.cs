namespace Kmaplab.Stress.Reports.Printing;

/// <summary>Prose, filled to the width of a page.</summary>
internal static class FilledText
{
    private const int Columns = 100;

    /// <summary>
    /// The words of <paramref name="text"/> in lines; the first begins with <paramref name="label"/>, the others below
    /// its end.
    /// </summary>
    internal static void Write(TextWriter writer, string label, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return;

        string line = label;
        bool isEmpty = true;
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Columns)
            {
                writer.WriteLine(line);
                line = new string(' ', label.Length);
                isEmpty = true;
            }

            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }

        writer.WriteLine(line);
    }
}
