using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Stress.Reports;

/// <summary>An execution as a table: time goes down, and each task has a column if there is room for it.</summary>
internal static class InterleavingTable
{
    private const int Columns = 100;
    private const int NumberColumns = 5;
    private const int CellColumnsMin = 28;
    private const string Gap = " | ";

    // Links that say nothing that the records do not say.
    private static readonly HashSet<string> s_hidden = ["page_address_pool", "page_address_pool.prev", "page_address_maps.next"];

    internal static void Write(TextWriter text, ExecutionTrace trace)
    {
        foreach (string line in Render(trace))
            text.WriteLine(line);
    }

    internal static IReadOnlyList<string> Render(ExecutionTrace trace)
    {
        int[] contexts = [.. trace.Steps.Select(step => step.Context).Distinct().Order()];
        if (contexts.Length == 0)
            return ["  (no step)"];

        int columns = (Columns - NumberColumns - ((contexts.Length - 1) * Gap.Length)) / contexts.Length;
        return columns >= CellColumnsMin ? Side(trace, contexts, columns) : OneColumn(trace);
    }

    private static List<string> Side(ExecutionTrace trace, int[] contexts, int columns)
    {
        var lines = new List<string>
        {
            $"{"step",NumberColumns - 1} {string.Join(Gap, contexts.Select(context => trace.Contexts[context].PadRight(columns)))}".TrimEnd(),
            $"{new string('-', NumberColumns)}{string.Join("-+-", contexts.Select(_ => new string('-', columns)))}",
        };
        var functions = new Dictionary<int, string>();
        foreach (TraceStep step in trace.Steps)
        {
            string number = $"{step.Number}";
            foreach (string cell in Cell(step, functions, trace.Contexts).SelectMany(line => Wrap(line, columns)))
            {
                IEnumerable<string> cells = contexts.Select(context => (context == step.Context ? cell : "").PadRight(columns));
                lines.Add($"{number,NumberColumns - 1} {string.Join(Gap, cells)}".TrimEnd());
                number = "";
            }
        }

        return lines;
    }

    private static List<string> OneColumn(ExecutionTrace trace)
    {
        var lines = new List<string>();
        var functions = new Dictionary<int, string>();
        int last = -1;
        foreach (TraceStep step in trace.Steps)
        {
            if (step.Context != last)
                lines.Add($"     {trace.Contexts[step.Context]}");

            last = step.Context;
            string number = $"{step.Number}";
            foreach (string line in Cell(step, functions, trace.Contexts).SelectMany(line => Wrap(line, Columns - NumberColumns - 2)))
            {
                lines.Add($"{number,NumberColumns - 1}   {line}");
                number = "";
            }
        }

        return lines;
    }

    // The function is named when it is another one than that which the same task was in before.
    private static IEnumerable<string> Cell(TraceStep step, Dictionary<int, string> functions, IReadOnlyList<string> names)
    {
        foreach (TraceOperation operation in WorthShowing(step))
        {
            MemoryChange[] changes = Shown(operation);
            if (operation.Function.Length > 0 && functions.GetValueOrDefault(step.Context) != operation.Function)
            {
                functions[step.Context] = operation.Function;
                yield return $"in {operation.Function}:";
            }

            if (operation.Text.Length > 0)
                yield return operation.Result.Length > 0 ? $" {operation.Text}: {operation.Result}" : $" {operation.Text}";

            foreach (int task in operation.Woken)
                yield return $"   wakes {names[task]}";

            foreach (MemoryChange change in changes)
                yield return operation.Text.Length > 0 ? $"   {change}" : $" {change}";
        }
    }

    // Not a lock that was taken and given back on the way, under which nothing has changed.
    private static List<TraceOperation> WorthShowing(TraceStep step)
    {
        var shown = new List<TraceOperation>();
        foreach (TraceOperation operation in step.Operations)
        {
            bool hasChanges = Shown(operation).Length > 0;
            if (operation is { IsFused: true, Kind: OperationKind.Release } && !hasChanges
                && shown is [.., { IsFused: true, Kind: OperationKind.Acquire } taken] && Shown(taken).Length == 0)
            {
                shown.RemoveAt(shown.Count - 1);
            }
            else if (operation.Text.Length > 0 || hasChanges)
            {
                shown.Add(operation);
            }
        }

        return shown;
    }

    private static MemoryChange[] Shown(TraceOperation operation) =>
        [.. operation.Changes.Where(change => change.Role == RegionRole.Kernel && !s_hidden.Contains(change.Region))];

    private static IEnumerable<string> Wrap(string line, int columns)
    {
        string indent = new(' ', line.Length - line.TrimStart().Length + 2);
        while (line.Length > columns)
        {
            int cut = line.LastIndexOf(' ', columns);
            if (cut <= indent.Length)
                cut = line.LastIndexOf('(', columns - 1) + 1;

            if (cut <= indent.Length)
                cut = columns;

            yield return line[..cut].TrimEnd();
            line = new StringBuilder(indent).Append(line[cut..].TrimStart()).ToString();
        }

        yield return line;
    }
}
