using System.Text.Json;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Pictures.Tracing;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>Writes what the page's script works with: the trace, with every text once.</summary>
/// <remarks>
/// The script puts no words together about memory: what a cell holds, before and after, is said here, by the code that
/// says it everywhere. Its arrays are described where it reads them (Page/page.mjs).
/// </remarks>
internal sealed class PageData
{
    private const int LinesAround = 9;

    private readonly Explanation _explanation;
    private readonly ExecutionTrace _trace;
    private readonly NumberTable<string> _strings = new();
    private readonly NumberTable<string> _regions = new();
    private readonly NumberTable<string> _chains = new();
    private readonly List<int[][]> _chainCalls = [];
    private readonly NumberTable<string> _files = new(); // By path.
    private readonly List<SortedSet<int>> _lines = []; // Of each file, those that are shown.
    private readonly Dictionary<string, int> _cells = [];
    private readonly Dictionary<IReadOnlyList<KernelCall>, int> _chainOf = new(ReferenceEqualityComparer.Instance);

    private PageData(Explanation explanation)
    {
        _explanation = explanation;
        _trace = explanation.Trace;
    }

    internal static byte[] Write(Explanation explanation)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            new PageData(explanation).Write(json);

        return stream.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("contexts");
        foreach (string context in _trace.Contexts)
            json.WriteStringValue(context);

        json.WriteEndArray();
        WriteCells(json);
        WriteStart(json);
        WriteSteps(json);
        WriteLanes(json);
        WriteArrows(json);
        WritePassing(json);
        WriteStory(json);
        WriteAnalysis(json);

        // Last, as all others add to them.
        WriteChains(json);
        WriteFiles(json);
        WriteTable(json, "regions", _regions.Values);
        WriteTable(json, "strings", _strings.Values);
        json.WriteEndObject();
    }

    private void WriteCells(Utf8JsonWriter json)
    {
        ILookup<int, TraceOperation> operations = _trace.Steps.SelectMany(step => step.Operations)
            .Where(operation => operation.SpinLock >= 0)
            .ToLookup(operation => operation.SpinLock);
        json.WriteStartArray("cells");
        foreach (MemoryCell cell in _trace.Start.Cells)
        {
            _cells[cell.Name] = _cells.Count;
            json.WriteStartArray();
            json.WriteNumberValue(_strings.Of(cell.Name));
            json.WriteNumberValue(_regions.Of(cell.Region));
            json.WriteNumberValue(_strings.Of(cell.Text));
            json.WriteNumberValue((int)cell.Role);
            json.WriteNumberValue(LockSort(operations[cell.Address]));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // 0 for no lock, 1 for a lock, 2 for one that is only taken and given back on the way.
    private static int LockSort(IEnumerable<TraceOperation> operations) =>
        !operations.Any() ? 0 : operations.All(operation => operation.IsFused) ? 2 : 1;

    private void WriteStart(Utf8JsonWriter json)
    {
        json.WriteStartObject("start");
        json.WriteStartArray("contexts");
        foreach (ContextMoment moment in _trace.Start.Contexts)
            WriteMoment(json, moment);

        json.WriteEndArray();
        json.WriteStartArray("cpus");
        foreach (CpuMoment moment in _trace.Start.Cpus)
            WriteMoment(json, moment);

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteMoment(Utf8JsonWriter json, ContextMoment moment)
    {
        json.WriteStartArray();
        json.WriteNumberValue((int)moment.Activity);
        json.WriteNumberValue(moment.Cpu);
        json.WriteNumberValue(moment.PreemptCount);
        json.WriteNumberValue(_strings.Of(moment.Pending));
        json.WriteNumberValue(_strings.Of(moment.WaitsFor));
        json.WriteNumberValue(ChainOf(moment.Calls));
        json.WriteEndArray();
    }

    private static void WriteMoment(Utf8JsonWriter json, CpuMoment moment)
    {
        json.WriteStartArray();
        json.WriteNumberValue(moment.Current);
        json.WriteNumberValue(moment.IrqsDisabled ? 1 : 0);
        json.WriteNumberValue((int)moment.Owes);
        json.WriteEndArray();
    }

    private void WriteSteps(Utf8JsonWriter json)
    {
        json.WriteStartArray("steps");
        foreach (TraceStep step in _trace.Steps)
        {
            json.WriteStartArray();
            json.WriteNumberValue(step.Context);
            json.WriteNumberValue(step.Cpu);
            json.WriteStartArray();
            foreach (TraceEvent happened in step.Events)
                WriteEvent(json, happened, step.Context);

            json.WriteEndArray();
            json.WriteStartArray();
            foreach (ContextChange change in step.Contexts)
            {
                json.WriteNumberValue(change.Context);
                WriteMoment(json, change.Now);
            }

            json.WriteEndArray();
            json.WriteStartArray();
            foreach (CpuChange change in step.Cpus)
            {
                json.WriteNumberValue(change.Cpu);
                WriteMoment(json, change.Now);
            }

            json.WriteEndArray();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // What the machine notes of itself is in the moments.
    private void WriteEvent(Utf8JsonWriter json, TraceEvent happened, int context)
    {
        if (happened.Change is { Role: RegionRole.Hardware })
            return;

        json.WriteStartArray();
        json.WriteNumberValue((int)happened.Kind);
        json.WriteNumberValue(ChainOf(happened.Calls));
        switch (happened.Kind)
        {
            case TraceEventKind.Write:
                json.WriteNumberValue(_cells[happened.Change!.Name]);
                json.WriteNumberValue(_strings.Of(happened.Change.Before));
                json.WriteNumberValue(_strings.Of(happened.Change.After));
                break;
            case TraceEventKind.Wake:
                json.WriteNumberValue(happened.Woken);
                break;
            default:
                json.WriteNumberValue(_strings.Of(happened.Text));
                json.WriteNumberValue(_strings.Of(happened.Result));
                json.WriteNumberValue(happened.Operation is { IsFused: true } ? 1 : 0);
                break;
        }

        if (happened.Context != context)
            json.WriteNumberValue(happened.Context);

        json.WriteEndArray();
    }

    private void WriteLanes(Utf8JsonWriter json)
    {
        json.WriteStartArray("lanes");
        foreach (Lane lane in _explanation.Lanes)
        {
            json.WriteStartArray();
            json.WriteNumberValue((int)lane.Kind);
            json.WriteNumberValue(lane.Number);
            json.WriteNumberValue(_strings.Of(lane.Name));
            json.WriteStartArray();
            foreach (Span span in lane.Spans)
            {
                json.WriteNumberValue(span.From);
                json.WriteNumberValue(span.To);
                json.WriteNumberValue((int)span.Kind);
                json.WriteNumberValue(_strings.Of(span.Label));
            }

            json.WriteEndArray();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteArrows(Utf8JsonWriter json)
    {
        json.WriteStartArray("arrows");
        foreach (Arrow arrow in _explanation.Arrows)
        {
            json.WriteStartArray();
            json.WriteNumberValue((int)arrow.Kind);
            json.WriteNumberValue(arrow.From);
            json.WriteNumberValue(arrow.To);
            json.WriteNumberValue(arrow.ToContext);
            json.WriteNumberValue(_strings.Of(arrow.About));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WritePassing(Utf8JsonWriter json)
    {
        json.WriteStartArray("passing");
        foreach (TraceStep step in _explanation.Passing?.Steps ?? [])
        {
            json.WriteStartArray();
            json.WriteNumberValue(step.Context);
            json.WriteNumberValue(_strings.Of(FirstLine(step)));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static string FirstLine(TraceStep step) => step.Operations is [var first, ..]
        ? first.Result.Length > 0 ? $"{first.Text}: {first.Result}" : first.Text
        : "";

    private void WriteStory(Utf8JsonWriter json)
    {
        json.WriteStartArray("story");
        foreach (StoryLine line in _explanation.Story)
        {
            json.WriteStartArray();
            json.WriteNumberValue(line.From);
            json.WriteNumberValue(line.To);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteAnalysis(Utf8JsonWriter json)
    {
        if (_explanation.Analysis is not { } analysis)
            return;

        json.WriteStartArray("failing"); // Of the continuations that were drawn from each moment, those that fail.
        foreach (int failing in analysis.NoReturn.Failing)
            json.WriteNumberValue(failing);

        json.WriteEndArray();
        json.WriteNumber("continuations", analysis.NoReturn.Continuations);
        json.WriteNumber("noReturn", analysis.NoReturn.Step);
    }

    private int ChainOf(IReadOnlyList<KernelCall> calls)
    {
        if (_chainOf.TryGetValue(calls, out int known))
            return known;

        int before = _chains.Values.Count;
        int chain = _chains.Of(string.Join(
            '\n', calls.Select(call => $"{call.Function} {call.Source?.Path}:{call.Source?.Line}")));
        _chainOf[calls] = chain;
        if (chain < before)
            return chain;

        _chainCalls.Add([.. calls.Select(call => (int[])
        [
            _strings.Of(call.Function), FileOf(call.Source), call.Source?.Line ?? 0,
        ])]);
        return chain;
    }

    private int FileOf(SourceLine? source)
    {
        if (source is null)
            return -1;

        int file = _files.Of(source.Path);
        if (file == _lines.Count)
            _lines.Add([]);

        for (int line = Math.Max(1, source.Line - LinesAround); line <= source.Line + LinesAround; line++)
            _lines[file].Add(line);

        return file;
    }

    private void WriteChains(Utf8JsonWriter json)
    {
        json.WriteStartArray("chains");
        foreach (int[][] calls in _chainCalls)
        {
            json.WriteStartArray();
            foreach (int number in calls.SelectMany(call => call))
                json.WriteNumberValue(number);

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteFiles(Utf8JsonWriter json)
    {
        json.WriteStartArray("files");
        foreach ((string path, SortedSet<int> shown) in _files.Values.Zip(_lines))
        {
            IReadOnlyList<string> lines = SourceFiles.Lines(path) ?? [];
            json.WriteStartObject();
            json.WriteString("name", new SourceLine(path, 1).File);
            json.WriteStartObject("lines");
            foreach (int line in shown.Where(line => line <= lines.Count))
                json.WriteString($"{line}", lines[line - 1]);

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTable(Utf8JsonWriter json, string name, IReadOnlyList<string> strings)
    {
        json.WriteStartArray(name);
        foreach (string text in strings)
            json.WriteStringValue(text);

        json.WriteEndArray();
    }
}
