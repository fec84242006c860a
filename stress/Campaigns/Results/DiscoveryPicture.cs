using System.Globalization;
using System.Net;
using System.Text;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>Draws how many orders were seen after how many executions: a line for each strategy and seed.</summary>
internal static class DiscoveryPicture
{
    private const int Width = 310;
    private const int Height = 170;
    private const int Left = 44;
    private const int Right = 12;
    private const int Top = 10;
    private const int Bottom = 36;
    private const int LegendWidth = 88;
    private const int LegendHeight = 16;
    private const int LegendColumns = 3;

    // Of M. Okabe and K. Ito: also who does not see all colours tells them apart.
    private static readonly string[] s_colours =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

    /// <summary>One picture.</summary>
    /// <param name="rows">Of one target, with a curve each.</param>
    /// <param name="strategies">All that any picture has, so that each has one colour in all of them.</param>
    internal static string Render(IReadOnlyList<TargetRow> rows, string[] strategies)
    {
        long executions = Math.Max(1, rows.Max(row => row.Curve[^1].Executions));
        long distinct = Math.Max(1, rows.Max(row => row.Curve[^1].Distinct));
        string[] mine = [.. rows.Select(row => row.Strategy).Distinct()];
        int height = Height + ((mine.Length + LegendColumns - 1) / LegendColumns * LegendHeight);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"height=\"{height}\" font-family=\"system-ui, sans-serif\" ");
        svg.Append($"font-size=\"11\" role=\"img\" aria-label=\"{Text(Description(rows))}\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        AppendAxes(svg, executions, distinct);
        foreach (TargetRow row in rows)
        {
            IEnumerable<string> points = row.Curve.Select(point => string.Create(
                CultureInfo.InvariantCulture,
                $"{X(point.Executions, executions):f1},{Y(point.Distinct, distinct):f1}"));
            svg.Append($"<polyline points=\"{Origin} {string.Join(' ', points)}\" fill=\"none\" ");
            svg.Append($"stroke=\"{Colour(row.Strategy, strategies)}\" stroke-width=\"1.6\"/>\n");
        }

        for (int i = 0; i < mine.Length; i++)
            AppendLegend(svg, i, mine[i], Colour(mine[i], strategies));

        return svg.Append("</svg>").ToString();
    }

    private static string Description(IReadOnlyList<TargetRow> rows) => string.Join("; ", rows.Select(row =>
        $"{row.Strategy}, seed {row.Seed}: {row.Curve[^1].Distinct} orders after "
        + $"{row.Curve[^1].Executions} executions"));

    private static void AppendAxes(StringBuilder svg, long executions, long distinct)
    {
        foreach (long tick in (long[])[.. new[] { 0, executions / 2, executions }.Distinct()])
        {
            double x = X(tick, executions);
            AppendLine(svg, x, Top, x, Height - Bottom);
            AppendText(svg, x, Height - Bottom + 13, "middle", $"{tick}");
        }

        foreach (long tick in (long[])[.. new[] { 0, distinct / 2, distinct }.Distinct()])
        {
            double y = Y(tick, distinct);
            AppendLine(svg, Left, y, Width - Right, y);
            AppendText(svg, Left - 4, y + 4, "end", $"{tick}");
        }

        AppendText(svg, (Left + Width - Right) / 2.0, Height - 9, "middle", $"executions compared, and orders seen");
    }

    private static void AppendLegend(StringBuilder svg, int number, string strategy, string colour)
    {
        int x = Left + (number % LegendColumns * LegendWidth);
        int y = Height + (number / LegendColumns * LegendHeight) + 4;
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y - 1}\" width=\"12\" height=\"3\" ");
        svg.Append($"fill=\"{colour}\"/>\n");
        AppendText(svg, x + 16, y + 4, "start", $"{strategy}");
    }

    private static void AppendLine(StringBuilder svg, double x1, double y1, double x2, double y2) => svg.Append(
        CultureInfo.InvariantCulture,
        $"<line x1=\"{x1:f1}\" y1=\"{y1:f1}\" x2=\"{x2:f1}\" y2=\"{y2:f1}\" stroke=\"#dddddd\"/>\n");

    private static void AppendText(StringBuilder svg, double x, double y, string anchor, FormattableString text) =>
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{x:f1}\" y=\"{y:f1}\" text-anchor=\"{anchor}\" fill=\"#333333\">"
            + $"{Text(text.ToString(CultureInfo.InvariantCulture))}</text>\n");

    // After no execution nothing was seen.
    private static string Origin => string.Create(CultureInfo.InvariantCulture, $"{X(0, 1):f1},{Y(0, 1):f1}");

    private static double X(double executions, long most) =>
        Left + (executions / most * (Width - Left - Right));

    private static double Y(double distinct, long most) => Top + ((1 - (distinct / most)) * (Height - Top - Bottom));

    private static string Colour(string strategy, string[] strategies) =>
        s_colours[Array.IndexOf(strategies, strategy) % s_colours.Length];

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
