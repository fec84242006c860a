using System.Globalization;

namespace Kmaplab.Stress.Speeds;

/// <summary>The speeds as a Markdown table.</summary>
internal static class SpeedsText
{
    /// <summary>Writes it.</summary>
    internal static void Write(TextWriter text, IReadOnlyList<SpeedRow> rows)
    {
        if (rows.Count == 0)
            return;

        int columns = rows.Max(row => row.Cells.Length);
        text.WriteLine(columns == 1 ? "| search | speed |" : "| search | this build | the other one | ratio |");
        text.WriteLine(columns == 1 ? "|---|--:|" : "|---|--:|--:|--:|");
        foreach (SpeedRow row in rows)
        {
            string[] cells = [.. row.Cells.Select(cell => Cell(row.Search.Unit, cell))];
            string[] missing = [.. Enumerable.Repeat("", columns - cells.Length)];
            string[] ratio = columns == 1 ? [] : [Number(row.Ratio, "f2") ?? ""];
            text.WriteLine($"| {row.Search.Name} | {string.Join(" | ", [.. cells, .. missing, .. ratio])} |");
        }
    }

    private static string Cell(SpeedUnit unit, SpeedCell cell) => unit switch
    {
        SpeedUnit.Steps when Number(cell.Median, "f2") is { } speed => $"{speed} M steps/s",
        SpeedUnit.Transitions when Number(cell.Median, "f2") is { } speed => $"{speed} M transitions/s",
        SpeedUnit.Milliseconds when Number(cell.Median, "f0") is { } time => $"{time} ms",
        _ => "-",
    };

    private static string? Number(double? number, string format) =>
        number?.ToString(format, CultureInfo.InvariantCulture);
}
