using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

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

    private TraceWriter(Stream stream, TraceConfig config, TraceState? table, AtomicState? atomic)
    {
        _stream = stream;
        _config = config;
        _before = table;
        _json = new Utf8JsonWriter(stream, s_options);
        _json.WriteStartObject();
        _json.WritePropertyName("config");
        ConfigEncoder.Encode(_json, config);
        if (table is not null)
            StateEncoder.Encode(_json, table, null);

        if (atomic is not null)
            AtomicEncoder.Encode(_json, atomic);

        EndLine();
    }

    /// <summary>Starts a trace with a table; the writer owns the stream from then on.</summary>
    public static TraceWriter Create(Stream stream, TraceConfig config, TraceState start)
        => new(stream, config, start, null);

    /// <summary>Starts an atomic trace; the writer owns the stream from then on.</summary>
    public static TraceWriter Create(Stream stream, TraceConfig config, AtomicState start)
        => new(stream, config, null, start);

    /// <summary>Writes the next step of a trace with a table.</summary>
    public void Write(TraceStep step)
    {
        RequireNext(step.Number);
        bool changes = _config.Table!.Encoding == StateEncoding.Delta && step.Number % StateDecoder.FullEvery != 0;
        _json.WriteStartObject();
        StepEncoder.Encode(_json, step);
        StateEncoder.Encode(_json, step.State, changes ? _before : null);
        EndLine();
        _before = step.State;
    }

    /// <summary>Writes the next step of an atomic trace.</summary>
    public void Write(AtomicStep step)
    {
        RequireNext(step.Number);
        _json.WriteStartObject();
        AtomicEncoder.Encode(_json, step);
        EndLine();
    }

    /// <summary>Writes the last line.</summary>
    public void Write(TraceEnd end)
    {
        if (end.Steps != _steps)
            throw new ArgumentException($"the end counts {end.Steps} steps, but {_steps} were written", nameof(end));

        _json.WriteStartObject();
        EndEncoder.Encode(_json, end);
        EndLine();
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

    private void EndLine()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _stream.WriteByte((byte)'\n');
    }
}
