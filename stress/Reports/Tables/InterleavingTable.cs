using System.Text;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Reports.Tables;

/// <summary>An execution as a table: time goes down, and each task has a column if there is room for it.</summary>
internal static class InterleavingTable
{
    private const int Columns = 100;
    private const int NumberColumns = 5;
    private const int CellColumnsMin = 28;
    private const string Gap = " | ";

    // Links that say nothing that the records do not say.
    private static readonly HashSet<string> s_hidden =
    [
        "page_address_pool",
        "page_address_pool.prev",
        "page_address_maps.next",
    ];

    /// <summary>Writes it; <paramref name="withSource"/> if each line is to have that of the source in front.</summary>
    internal static void Write(TextWriter text, ExecutionTrace trace, bool withSource = false)
    {
        foreach (string line in Render(trace, withSource))
            text.WriteLine(line);
    }

    internal static IReadOnlyList<string> Render(ExecutionTrace trace, bool withSource = false)
    {
        int[] contexts = [.. trace.Steps.Select(step => step.Context).Distinct().Order()];
        if (contexts.Length == 0)
            return ["  (no step)"];

        int columns = (Columns - NumberColumns - ((contexts.Length - 1) * Gap.Length)) / contexts.Length;
        return columns >= CellColumnsMin ? Side(trace, contexts, columns, withSource) : OneColumn(trace, withSource);
    }

    private static List<string> Side(ExecutionTrace trace, int[] contexts, int columns, bool withSource)
    {
        var lines = new List<string>
        {
            $"{"step", NumberColumns - 1} "
            + $"{string.Join(Gap, contexts.Select(context => trace.Contexts[context].PadRight(columns)))}".TrimEnd(),
            $"{new string('-', NumberColumns)}{string.Join("-+-", contexts.Select(_ => new string('-', columns)))}",
        };
        var places = new Dictionary<int, (string, string?)>();
        foreach (TraceStep step in trace.Steps)
        {
            string number = $"{step.Number}";
            IEnumerable<string> cells = Cell(step, places, trace.Contexts, withSource);
            foreach (string cell in cells.SelectMany(line => Wrap(line, columns)))
            {
                IEnumerable<string> row = contexts.Select(context =>
                    (context == step.Context ? cell : "").PadRight(columns));
                lines.Add($"{number,NumberColumns - 1} {string.Join(Gap, row)}".TrimEnd());
                number = "";
            }
        }

        return lines;
    }

    private static List<string> OneColumn(ExecutionTrace trace, bool withSource)
    {
        var lines = new List<string>();
        var places = new Dictionary<int, (string, string?)>();
        int last = -1;
        foreach (TraceStep step in trace.Steps)
        {
            if (step.Context != last)
                lines.Add($"     {trace.Contexts[step.Context]}");

            last = step.Context;
            string number = $"{step.Number}";
            IEnumerable<string> cells = Cell(step, places, trace.Contexts, withSource);
            foreach (string line in cells.SelectMany(line => Wrap(line, Columns - NumberColumns - 2)))
            {
                lines.Add($"{number,NumberColumns - 1}   {line}");
                number = "";
            }
        }

        return lines;
    }

    // The function is named when it is another one than that which the same task was in before.
    private static IEnumerable<string> Cell(
        TraceStep step,
        Dictionary<int, (string Function, string? File)> places,
        IReadOnlyList<string> names,
        bool withSource)
    {
        foreach (TraceOperation operation in WorthShowing(step))
        {
            SourceLine? source = withSource ? operation.Source : null;
            if (IsElsewhere(operation.Function, source, places.GetValueOrDefault(step.Context)))
            {
                places[step.Context] = (operation.Function, source?.File);
                yield return source is null ? $"in {operation.Function}:" : $"in {operation.Function}, {source.File}:";
            }

            string place = source is null ? " " : $" {source.Line}: ";
            if (operation.Text.Length > 0)
                yield return $"{place}{operation.Text}{(operation.Result.Length > 0 ? $": {operation.Result}" : "")}";

            foreach (int task in operation.Woken)
                yield return $"   wakes {names[task]}";

            foreach (MemoryChange change in Shown(operation))
                yield return operation.Text.Length > 0 ? $"   {change}" : $"{place}{change}";
        }
    }

    private static bool IsElsewhere(string function, SourceLine? source, (string Function, string? File) place) =>
        function.Length > 0 && (function != place.Function || (source is not null && source.File != place.File));

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

    // An operation on the way that takes or releases a lock says so itself.
    private static MemoryChange[] Shown(TraceOperation operation) =>
    [
        .. operation.Changes.Where(change => change.Role == RegionRole.Kernel && !s_hidden.Contains(change.Region)
            && !(operation.IsFused && change.Words.Any(word => word.Address == operation.SpinLock))),
    ];

    private static IEnumerable<string> Wrap(string line, int columns)
    {
        string indent = new(' ', line.Length - line.TrimStart().Length + 2);
        while (line.Length > columns)
        {
            int cut = line.LastIndexOf(' ', columns);
            if (cut <= indent.Length || IsNumber(line[..cut]))
                cut = line.LastIndexOf('(', columns - 1) + 1;

            if (cut <= indent.Length)
                cut = columns;

            yield return line[..cut].TrimEnd();
            line = new StringBuilder(indent).Append(line[cut..].TrimStart()).ToString();
        }

        yield return line;
    }

    // That of a line of the source, which does not stand alone.
    private static bool IsNumber(string text) => text.EndsWith(':') && int.TryParse(text[..^1], out _);
}
