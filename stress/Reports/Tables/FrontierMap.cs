using System.Text;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>One size of the nested scenario, and what exhaustive search says of it.</summary>
/// <param name="Tasks">Number of tasks.</param>
/// <param name="Slots">Number of slots.</param>
/// <param name="Depth">Mappings that a task holds at once.</param>
/// <param name="Verdict">"free", "deadlock", another class of failure, or "inconclusive".</param>
/// <param name="Formula">Whether the formula says that it can deadlock.</param>
/// <param name="States">States that were searched.</param>
internal sealed record FrontierCell(int Tasks, int Slots, int Depth, string Verdict, bool Formula, long States)
{
    /// <summary>The search does not contradict the formula.</summary>
    public bool Agrees => Verdict == "inconclusive" || Verdict == (Formula ? "deadlock" : "free");
}

/// <summary>Draws the map as a picture that can be read without colours.</summary>
internal static class FrontierMap
{
    private const int CellWidth = 104;
    private const int CellHeight = 44;
    private const int Left = 150;
    private const int Top = 96;
    private const int WidthLeast = 720; // Of the words above.

    /// <param name="cells">What was proved.</param>
    /// <param name="isFile">It is to be a file of its own, and no part of a page.</param>
    internal static string Render(IReadOnlyList<FrontierCell> cells, bool isFile = true)
    {
        int[] tasks = [.. cells.Select(cell => cell.Tasks).Distinct()];
        (int Depth, int Slots)[] rows = [.. cells.Select(cell => (cell.Depth, cell.Slots)).Distinct()];
        int width = Math.Max(WidthLeast, Left + (tasks.Length * CellWidth) + 24);
        int height = Top + (rows.Length * CellHeight) + 56;
        var svg = new StringBuilder();
        svg.Append(isFile ? "<svg xmlns=\"http://www.w3.org/2000/svg\" " : "<svg ");
        svg.Append($"viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" ");
        svg.Append("font-family=\"system-ui, sans-serif\" font-size=\"14\" role=\"img\" aria-labelledby=\"sizes\">\n");
        svg.Append("<title id=\"sizes\">For which sizes nested kmap() can deadlock</title>\n");
        svg.Append($"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        Text(svg, 16, 30, "For which sizes nested kmap() can deadlock", "font-size=\"18\" font-weight=\"600\"");
        Text(
            svg,
            16,
            52,
            "Every cell is an exhaustive search with unbounded rounds. Thick border: tasks * (depth - 1) >= slots.",
            "fill=\"#444444\"");
        for (int column = 0; column < tasks.Length; column++)
            Text(
                svg,
                Left + (column * CellWidth) + (CellWidth / 2),
                Top - 12,
                tasks[column] == 1 ? "1 task" : $"{tasks[column]} tasks",
                "text-anchor=\"middle\"");

        for (int row = 0; row < rows.Length; row++)
            Text(
                svg,
                Left - 12,
                Top + (row * CellHeight) + 27,
                $"depth {rows[row].Depth}, {rows[row].Slots} {(rows[row].Slots == 1 ? "slot" : "slots")}",
                "text-anchor=\"end\"");

        foreach (FrontierCell cell in cells.OrderBy(cell => cell.Formula)) // Thick borders over thin ones.
            Draw(svg, cell, Array.IndexOf(tasks, cell.Tasks), Array.IndexOf(rows, (cell.Depth, cell.Slots)));

        Text(
            svg,
            16,
            height - 18,
            "free: proved free of deadlock. deadlock: a shortest schedule leads there. Small numbers: states searched.",
            "fill=\"#444444\"");
        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, FrontierCell cell, int column, int row)
    {
        string fill = cell.Verdict switch
        {
            "free" => "#d9efe0",
            "deadlock" => "#f6cfc4",
            "inconclusive" => "#eeeeee",
            _ => "#e5d4f2",
        };
        int x = Left + (column * CellWidth);
        int y = Top + (row * CellHeight);
        string border = cell.Formula
            ? "stroke=\"#8c2d19\" stroke-width=\"3\""
            : "stroke=\"#9a9a9a\" stroke-width=\"1\"";
        svg.Append(
            $"<rect x=\"{x + 2}\" y=\"{y + 2}\" width=\"{CellWidth - 4}\" height=\"{CellHeight - 4}\" fill=\"{fill}\" "
            + $"{border}/>\n");
        Text(
            svg,
            x + (CellWidth / 2),
            y + 20,
            cell.Agrees ? cell.Verdict : $"{cell.Verdict} (!)",
            "text-anchor=\"middle\" font-weight=\"600\"");
        Text(
            svg,
            x + (CellWidth / 2),
            y + 35,
            $"{cell.States:#,0}".Replace(',', ' '),
            "text-anchor=\"middle\" font-size=\"11\" fill=\"#444444\"");
    }

    private static void Text(StringBuilder svg, int x, int y, string text, string attributes) =>
        svg.Append($"<text x=\"{x}\" y=\"{y}\" {attributes}>{text.Replace(">", "&gt;")}</text>\n");
}
