using System.Text;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>Who waits for what at the end, for GraphViz.</summary>
internal static class DotPicture
{
    internal static void Write(Explanation explanation, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var graph = WaitForGraph.Of(explanation.Trace);
        text.WriteLine("digraph waits {");
        text.WriteLine("    rankdir=LR;");
        text.WriteLine("    node [fontname=\"monospace\"];");
        string label = graph.Nodes.Count == 0
            ? $"{explanation.Headline}\nnobody waits at the end"
            : explanation.Headline;
        text.WriteLine($"    label={Quoted(label)};");
        foreach (WaitNode node in graph.Nodes)
        {
            string shape = node.IsContext ? "box, style=rounded" : "box";
            string words = string.Join('\n', [node.Name, .. node.Lines]);
            text.WriteLine($"    {Quoted(node.Name)} [shape={shape}, label={Quoted(words)}];");
        }

        foreach (WaitEdge edge in graph.Edges)
        {
            string style = edge.IsInCycle ? ", color=red, penwidth=3" : "";
            text.WriteLine($"    {Quoted(edge.From)} -> {Quoted(edge.To)} [label={Quoted(edge.Label)}{style}];");
        }

        text.WriteLine("}");
    }

    private static string Quoted(string text)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }
}
