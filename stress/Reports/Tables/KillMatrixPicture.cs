using System.Globalization;
using System.Net;
using System.Text;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>
/// Draws the matrix of races and strategies: the darker, the more executions; each cell also says it.
/// </summary>
internal static class KillMatrixPicture
{
    private const string Title = "Executions to the first failure";
    private const string Centred = "text-anchor=\"middle\"";
    private const int CellWidth = 92;
    private const int CellHeight = 24;
    private const int Left = 220;
    private const int Top = 84;
    private const int Bottom = 40;

    // From one execution to ten thousand, a shade for each power of ten.
    private static readonly string[] s_shades = ["#eef6ee", "#d9e8f2", "#b7d0e6", "#8fb3d6", "#6f97c4"];

    /// <param name="cells">What was measured.</param>
    /// <param name="isFile">It is to be a file of its own, and no part of a page.</param>
    internal static string Render(IReadOnlyList<KillCell> cells, bool isFile = true)
    {
        string[] strategies = [.. cells.Select(cell => cell.Strategy).Distinct()];
        string[] races = [.. cells.Select(cell => cell.Race).Distinct()];
        int width = Left + (strategies.Length * CellWidth) + 16;
        int height = Top + (races.Length * CellHeight) + Bottom;
        var svg = new StringBuilder();
        svg.Append(isFile ? "<svg xmlns=\"http://www.w3.org/2000/svg\" " : "<svg ");
        svg.Append(CultureInfo.InvariantCulture, $"viewBox=\"0 0 {width} {height}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"width=\"{width}\" height=\"{height}\" ");
        svg.Append("font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\" aria-labelledby=\"t\">\n");
        svg.Append("<title id=\"t\">" + Title + "</title>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        Text(svg, 16, 28, Title + ": the median over the seeds", "font-size=\"17\" font-weight=\"600\"");
        for (int column = 0; column < strategies.Length; column++)
            Text(svg, Left + (column * CellWidth) + (CellWidth / 2), Top - 12, strategies[column], Centred);

        for (int row = 0; row < races.Length; row++)
            Text(svg, Left - 10, Top + (row * CellHeight) + 17, races[row], "text-anchor=\"end\"");

        foreach (KillCell cell in cells)
            Draw(svg, cell, Array.IndexOf(strategies, cell.Strategy), Array.IndexOf(races, cell.Race));

        const string Legend = "k of n: found with k of n seeds only. no: not found. Darker: more executions.";
        Text(svg, 16, height - 14, Legend, "fill=\"#444444\"");
        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, KillCell cell, int column, int row)
    {
        int x = Left + (column * CellWidth);
        int y = Top + (row * CellHeight);
        string fill = cell switch
        {
            { Worst: null } => "#f3c6b8",
            { Median: { } median } => s_shades[Math.Min(s_shades.Length - 1, (int)Math.Log10(median))],
            _ => "#eeeeee",
        };
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + 1}\" y=\"{y + 1}\" width=\"{CellWidth - 2}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"height=\"{CellHeight - 2}\" fill=\"{fill}\"/>\n");
        Text(svg, x + (CellWidth / 2), y + 17, KillMatrixText.InShort(cell), Centred);
    }

    private static void Text(StringBuilder svg, int x, int y, string text, string attributes) =>
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{x}\" y=\"{y}\" {attributes}>{WebUtility.HtmlEncode(text)}</text>\n");
}
