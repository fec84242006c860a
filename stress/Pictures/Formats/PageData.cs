using System.Text.Json;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>Writes what the page's script works with: the trace, with every text once.</summary>
/// <remarks>
/// The script puts no words together about memory: what a cell holds, before and after, is said here, by the code that
/// says it everywhere. Its arrays are described where it reads them (Page/page.mjs).
/// </remarks>
internal sealed class PageData
{
    private readonly Explanation _explanation;
    private readonly ExecutionTrace _trace;
    private readonly PageTables _tables = new();
    private readonly Dictionary<string, int> _cells = [];

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
        new PageDrawing(_explanation, _tables).Write(json);
        _tables.Write(json); // Last, as all others add to them.
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
            json.WriteNumberValue(_tables.Text(cell.Name));
            json.WriteNumberValue(_tables.Region(cell.Region));
            json.WriteNumberValue(_tables.Text(cell.Text));
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
        json.WriteNumberValue(_tables.Text(moment.Pending));
        json.WriteNumberValue(_tables.Text(moment.WaitsFor));
        json.WriteNumberValue(_tables.Chain(moment.Calls));
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
        json.WriteNumberValue(_tables.Chain(happened.Calls));
        switch (happened.Kind)
        {
            case TraceEventKind.Write:
                json.WriteNumberValue(_cells[happened.Change!.Name]);
                json.WriteNumberValue(_tables.Text(happened.Change.Before));
                json.WriteNumberValue(_tables.Text(happened.Change.After));
                break;
            case TraceEventKind.Wake:
                json.WriteNumberValue(happened.Woken);
                break;
            default:
                json.WriteNumberValue(_tables.Text(happened.Text));
                json.WriteNumberValue(_tables.Text(happened.Result));
                json.WriteNumberValue(happened.Operation is { IsFused: true } ? 1 : 0);
                break;
        }

        if (happened.Context != context)
            json.WriteNumberValue(happened.Context);

        json.WriteEndArray();
    }
}
