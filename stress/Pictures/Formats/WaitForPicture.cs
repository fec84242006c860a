using System.Globalization;
using System.Net;
using System.Text;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>
/// A <see cref="WaitForGraph"/> as SVG: contexts in the left column, what they wait for in the right one.
/// </summary>
internal static class WaitForPicture
{
    private const double LetterWidth = 7.3;
    private const double LineHeight = 17;
    private const double Gap = 150;
    private const double Padding = 10;

    internal static string Render(WaitForGraph graph)
    {
        if (graph.Nodes.Count == 0)
            return "";

        Box[] left = Column(graph.Nodes.Where(node => node.IsContext), x: 1);
        double leftWidth = left.Max(box => box.Width);
        Box[] right = Column(Ordered(graph), x: 1 + leftWidth + Gap);
        double width = 2 + leftWidth + Gap + (right.Length == 0 ? 0 : right.Max(box => box.Width));
        double height = left.Concat(right).Max(box => box.Y + box.Height) + 2;
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg class=\"graph\" role=\"img\" aria-label=\"{Text(Words(graph))}\" "));
        svg.Append(Invariant($"viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n"));
        svg.Append("<defs><marker id=\"wait-head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" ");
        svg.Append("markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">");
        svg.Append("<path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
        Dictionary<string, Box> boxes = left.Concat(right).ToDictionary(box => box.Node.Name);
        foreach (WaitEdge edge in graph.Edges)
            AppendEdge(svg, edge, boxes[edge.From], boxes[edge.To]);

        foreach (Box box in boxes.Values)
            AppendBox(svg, box);

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The same in words, for whoever cannot see it.</summary>
    internal static string Words(WaitForGraph graph) =>
        string.Join("; ", graph.Edges.Select(edge => $"{edge.From} {edge.Label} {edge.To}"));

    // Beside whom they concern, so that edges cross as little as possible.
    private static IEnumerable<WaitNode> Ordered(WaitForGraph graph)
    {
        string[] contexts = [.. graph.Nodes.Where(node => node.IsContext).Select(node => node.Name)];
        return graph.Nodes.Where(node => !node.IsContext).OrderBy(node => graph.Edges
            .Where(edge => edge.From == node.Name || edge.To == node.Name)
            .Average(edge => Array.IndexOf(contexts, edge.From == node.Name ? edge.To : edge.From)));
    }

    private static Box[] Column(IEnumerable<WaitNode> nodes, double x)
    {
        var boxes = new List<Box>();
        double y = 1;
        foreach (WaitNode node in nodes)
        {
            double letters = node.Lines.Append(node.Name).Max(line => line.Length);
            var box = new Box(
                node, x, y, (letters * LetterWidth) + (2 * Padding), ((1 + node.Lines.Count) * LineHeight) + Padding);
            boxes.Add(box);
            y += box.Height + (3 * LineHeight);
        }

        return [.. boxes];
    }

    private static void AppendEdge(StringBuilder svg, WaitEdge edge, Box from, Box to)
    {
        bool goesRight = from.X < to.X;
        bool isWithin = from.X == to.X;
        double shift = goesRight ? -7 : 7; // There and back are two lines.
        double x1 = goesRight || isWithin ? from.X + from.Width : from.X;
        double x2 = goesRight ? to.X : to.X + to.Width;
        double y1 = from.Y + (from.Height / 2) + shift;
        double y2 = to.Y + (to.Height / 2) + shift;
        double bend = isWithin ? Gap / 2 : (x2 - x1) / 3;
        string cycle = edge.IsInCycle ? " cycle" : "";
        svg.Append(Invariant($"<path class=\"edge{cycle}\" marker-end=\"url(#wait-head)\" d=\"M{x1:0.#} {y1:0.#}"));
        svg.Append(Invariant($"C{x1 + bend:0.#} {y1:0.#} {x2 + (isWithin ? bend : -bend):0.#} {y2:0.#} "));
        svg.Append(Invariant($"{x2:0.#} {y2:0.#}\"/>\n"));
        double x = isWithin ? x1 + (bend * 0.8) : x1 + ((x2 - x1) * 0.3); // Near where it comes from: there is room.
        double y = y1 + ((y2 - y1) * 0.22) + (goesRight ? -5 : 14);
        svg.Append(Invariant($"<text class=\"label{cycle}\" x=\"{x:0.#}\" y=\"{y:0.#}\">{Text(edge.Label)}</text>\n"));
    }

    private static void AppendBox(StringBuilder svg, Box box)
    {
        string kind = box.Node.IsContext ? "context" : "thing";
        string round = box.Node.IsContext ? "8" : "0";
        svg.Append(Invariant($"<rect class=\"{kind}\" x=\"{box.X:0.#}\" y=\"{box.Y:0.#}\" rx=\"{round}\" "));
        svg.Append(Invariant($"width=\"{box.Width:0.#}\" height=\"{box.Height:0.#}\"/>\n"));
        double y = box.Y + LineHeight;
        foreach ((string line, int index) in box.Node.Lines.Prepend(box.Node.Name).Select((line, i) => (line, i)))
        {
            string weight = index == 0 ? " class=\"name\"" : "";
            svg.Append(Invariant($"<text{weight} x=\"{box.X + Padding:0.#}\" y=\"{y:0.#}\">{Text(line)}</text>\n"));
            y += LineHeight;
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Box(WaitNode Node, double X, double Y, double Width, double Height);
}
