using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Screens;
using Spectre.Console;

namespace Kmaplab.Stress.Playing;

/// <summary>Kernel memory: single words, as locks are, side by side, and each array in a row of its own.</summary>
internal static class MemoryRows
{
    private const int LabelColumn = 20;
    private const int CellsMax = 64; // Of a row; more do not fit into any terminal.

    internal static IReadOnlyList<ScreenLine> Draw(PlaySession session, int columns)
    {
        HashSet<string> changed = session.Steps is [.., var last]
            ? [.. last.Changes.Select(change => change.Name)]
            : [];
        IGrouping<string, MemoryCell>[] regions =
        [
            .. session.Cells().Where(cell => cell.Role == RegionRole.Kernel).GroupBy(RowOf),
        ];
        var lines = new List<ScreenLine>();
        var line = new ScreenLine();
        foreach (MemoryCell cell in regions.Where(region => region.Count() == 1).Select(region => region.Single()))
        {
            var entry = new ScreenLine().Add(RowOf(cell), Styles.Dim).Add(" ");
            AddCell(entry, cell, changed);
            if (line.Width > 0 && line.Width + entry.Width + 3 > columns)
            {
                lines.Add(line);
                line = new ScreenLine();
            }

            foreach ((string text, Style style) in entry.Pieces)
                line.Add(text, style);

            line.Add("   ");
        }

        if (line.Width > 0)
            lines.Add(line);

        lines.AddRange(regions.Where(region => region.Count() > 1).Select(region => Row(region, changed)));
        return lines;
    }

    // The TLB of each CPU is one row.
    private static string RowOf(MemoryCell cell) => cell.Name.EndsWith(']')
        ? cell.Name[..cell.Name.LastIndexOf('[')].TrimEnd()
        : cell.Region;

    private static ScreenLine Row(IGrouping<string, MemoryCell> region, HashSet<string> changed)
    {
        ScreenLine line = new ScreenLine().Add(region.Key, Styles.Dim).PadTo(LabelColumn);
        foreach (MemoryCell cell in region.Take(CellsMax))
        {
            AddCell(line, cell, changed);
            line.Add("  ");
        }

        return region.Count() > CellsMax ? line.Add("...") : line;
    }

    private static void AddCell(ScreenLine line, MemoryCell cell, HashSet<string> changed)
    {
        bool isChanged = changed.Contains(cell.Name);
        line.Add(isChanged ? $"{cell.Text}*" : cell.Text, isChanged ? Styles.Changed : Style.Plain);
    }
}
