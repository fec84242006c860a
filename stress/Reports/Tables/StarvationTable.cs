using Spectre.Console;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>One size of the churn scenario, and what its reachable graph says of progress.</summary>
/// <param name="Tasks">Number of tasks, each with a page of its own, for ever.</param>
/// <param name="Slots">Number of slots.</param>
/// <param name="Verdict"> "starvation": a fair run exists in which a task is woken for ever and never maps; "free":
/// there is none; "trap": a task can get to where it can never finish; "violated"; or "inconclusive". </param>
/// <param name="Stem">Steps to the loop of that run; 0 if there is none.</param>
/// <param name="Loop">Steps once round.</param>
/// <param name="States">States that were searched.</param>
internal sealed record StarvationCell(int Tasks, int Slots, string Verdict, int Stem, int Loop, long States);

/// <summary>For which sizes a sleeper can starve.</summary>
internal static class StarvationTable
{
    internal static Table Render(IReadOnlyList<StarvationCell> cells)
    {
        int[] tasks = [.. cells.Select(cell => cell.Tasks).Distinct()];
        Table table = new Table().Border(TableBorder.Simple).AddColumn("slots");
        table.AddColumns([.. tasks.Select(count => count == 1 ? "1 task" : $"{count} tasks")]);
        foreach (IGrouping<int, StarvationCell> row in cells.GroupBy(cell => cell.Slots))
            table.AddRow([$"{row.Key}", .. row.Select(Text)]);

        return table;
    }

    internal static string Text(StarvationCell cell) =>
        cell.Verdict == "starvation" ? $"starvation ({cell.Stem} + {cell.Loop})" : cell.Verdict;
}
