using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Writes a trace line by line, in the same fields and order as recorded ones.</summary>
/// <remarks>A trace without its end line is not one: stopping early leaves a file that no reader accepts.</remarks>
public sealed class TraceWriter : IDisposable
{
    // Free text stands as it is, except for what JSON itself forbids.
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Stream _stream;
    private readonly Utf8JsonWriter _json;
    private readonly TraceConfig _config;
    private TraceState? _before;
    private int _steps;

    private TraceWriter(Stream stream, TraceConfig config, TraceState? table)
    {
        _stream = stream;
        _config = config;
        _before = table;
        _json = new Utf8JsonWriter(stream, s_options);
    }

    /// <summary>Starts a trace with a table; the writer owns the stream from then on.</summary>
    public static TraceWriter Create(Stream stream, TraceConfig config, TraceState start)
    {
        var writer = new TraceWriter(stream, config, start);
        writer.WriteLine(
            new() { Config = TableConfigLine.Of(config, config.Table!), State = StateLine.Of(start, before: null) },
            TraceJson.Default.TableHeaderLine);
        return writer;
    }

    /// <summary>Starts an atomic trace; the writer owns the stream from then on.</summary>
    public static TraceWriter Create(Stream stream, TraceConfig config, AtomicState start)
    {
        var writer = new TraceWriter(stream, config, table: null);
        writer.WriteLine(
            new() { Config = AtomicConfigLine.Of(config, config.Atomic!), State = AtomicStateLine.Of(start) },
            TraceJson.Default.AtomicHeaderLine);
        return writer;
    }

    /// <summary>Writes the next step of a trace with a table.</summary>
    public void Write(TraceStep step)
    {
        RequireNext(step.Number);
        bool isChanges = _config.Table!.Encoding == StateEncoding.Delta && step.Number % StateRules.FullEvery != 0;
        WriteLine(StepLine.Of(step, StateLine.Of(step.State, isChanges ? _before : null)), TraceJson.Default.StepLine);
        _before = step.State;
    }

    /// <summary>Writes the next step of an atomic trace.</summary>
    public void Write(AtomicStep step)
    {
        RequireNext(step.Number);
        WriteLine(AtomicStepLine.Of(step), TraceJson.Default.AtomicStepLine);
    }

    /// <summary>Writes the last line.</summary>
    public void Write(TraceEnd end)
    {
        if (end.Steps != _steps)
            throw new ArgumentException($"the end counts {end.Steps} steps, but {_steps} were written", nameof(end));

        WriteLine(EndLine.Of(end), TraceJson.Default.EndLine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _stream.Dispose();
    }

    private void RequireNext(int number)
    {
        if (number != ++_steps)
            throw new ArgumentException($"step {number} is written where step {_steps} must be", nameof(number));
    }

    private void WriteLine<T>(T line, JsonTypeInfo<T> type)
    {
        JsonSerializer.Serialize(_json, line, type);
        _json.Flush();
        _json.Reset();
        _stream.WriteByte((byte)'\n');
    }
}
