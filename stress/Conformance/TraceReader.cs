using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Reads a trace one step at a time and accepts nothing but the format.</summary>
/// <remarks>
/// Steps come out of <see cref="ReadStep"/>, or <see cref="ReadAtomicStep"/> when <see cref="TraceConfig.Atomic"/> is
/// there, until it answers null; then <see cref="End"/> is there. Only the current state is held.
/// </remarks>
public sealed class TraceReader : IDisposable
{
    private readonly LineReader _lines;
    private readonly string _file;
    private readonly StepDecoder? _steps;
    private readonly AtomicDecoder? _atomic;
    private int _read;
    private TraceEnd? _end;

    private TraceReader(LineReader lines, string file)
    {
        _lines = lines;
        _file = file;
        try
        {
            JsonLine json = NextLine("the configuration");
            Config = HeaderDecoder.Decode(ref json, out _steps, out _atomic);
            json.End();
        }
        catch (JsonException inner)
        {
            throw NotJson(inner);
        }
    }

    /// <summary>What the first line says.</summary>
    public TraceConfig Config { get; }

    /// <summary>The state before step 1 of a trace with a table.</summary>
    public TraceState Start => (_steps ?? throw WrongKind()).Start;

    /// <summary>The state before step 1 of an atomic trace.</summary>
    public AtomicState AtomicStart => (_atomic ?? throw WrongKind()).Start;

    /// <summary>The last line, once every step was read.</summary>
    public TraceEnd End => _end ?? throw new InvalidOperationException("the trace has steps left to read");

    /// <summary>Opens a .jsonl or .jsonl.gz file.</summary>
    public static TraceReader Open(string file) => Open(TraceFiles.Open(file), file);

    /// <summary>Reads text that is not in a file; the name stands in for one in messages.</summary>
    public static TraceReader Open(Stream plain, string name) => Open(new LineReader(plain, name, null), name);

    /// <summary>The next step of a trace with a table, or null at its end.</summary>
    public TraceStep? ReadStep()
    {
        StepDecoder decoder = _steps ?? throw WrongKind();
        try
        {
            return TryNextStep(out JsonLine json) ? Finished(decoder.Decode(ref json, _read), ref json) : null;
        }
        catch (JsonException inner)
        {
            throw NotJson(inner);
        }
    }

    /// <summary>The next step of an atomic trace, or null at its end.</summary>
    public AtomicStep? ReadAtomicStep()
    {
        AtomicDecoder decoder = _atomic ?? throw WrongKind();
        try
        {
            return TryNextStep(out JsonLine json) ? Finished(decoder.Decode(ref json, _read), ref json) : null;
        }
        catch (JsonException inner)
        {
            throw NotJson(inner);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private static TraceReader Open(LineReader lines, string file)
    {
        try
        {
            return new TraceReader(lines, file);
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    private bool TryNextStep(out JsonLine json)
    {
        json = default;
        if (_end is not null)
            return false;

        json = NextLine("a step or the end");
        if (!json.StartsWith("end"u8))
        {
            _read++;
            return true;
        }

        TraceEnd end = Finished(EndDecoder.Decode(ref json, Config, _read), ref json);
        if (_lines.TryRead(out _))
            throw new TraceFormatException(_file, _lines.Number, "something follows the end line");

        _end = end;
        return false;
    }

    private JsonLine NextLine(string what)
    {
        if (!_lines.TryRead(out ReadOnlySpan<byte> line))
            throw new TraceFormatException(_file, _lines.Number + 1, $"the file ends where {what} must be");

        if (line.Trim(" \t\r"u8).IsEmpty)
            throw new TraceFormatException(_file, _lines.Number, "the line is empty");

        return new JsonLine(line, _file, _lines.Number);
    }

    private static T Finished<T>(T decoded, ref JsonLine json)
    {
        json.End();
        return decoded;
    }

    private TraceFormatException NotJson(JsonException inner)
    {
        string reason = inner.Message.Split(" LineNumber:")[0];
        return new(_file, _lines.Number, $"not JSON at byte {inner.BytePositionInLine + 1}: {reason}", inner);
    }

    private InvalidOperationException WrongKind()
        => new($"'{_file}' is of kind '{TraceWords.Kinds[Config.Kind]}', whose steps are read by the other method");
}
