using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kmaplab.Stress.Conformance.Format.Lines;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Reads a trace one step at a time and accepts nothing but the format.</summary>
/// <remarks>
/// Steps come out of <see cref="ReadStep"/>, or <see cref="ReadAtomicStep"/> when <see cref="TraceConfig.Atomic"/> is
/// there, until it answers null; then <see cref="End"/> is there. Only the current state is held.
/// </remarks>
public sealed class TraceReader : IDisposable
{
    private readonly LineReader _lines;
    private readonly string _file;
    private readonly StepRules? _steps;
    private readonly AtomicRules? _atomic;
    private int _read;
    private TraceEnd? _end;

    private TraceReader(LineReader lines, string file)
    {
        _lines = lines;
        _file = file;
        ReadOnlySpan<byte> line = NextLine("the configuration");
        try
        {
            if (KindOf(line) == TraceKind.Atomic)
            {
                AtomicHeaderLine header = Parse(line, TraceJson.Default.AtomicHeaderLine);
                Config = ConfigRules.Resolve(header.Config);
                _atomic = new AtomicRules(Config, header.State);
            }
            else
            {
                TableHeaderLine header = Parse(line, TraceJson.Default.TableHeaderLine);
                Config = ConfigRules.Resolve(header.Config);
                _steps = new StepRules(Config, header.State);
            }
        }
        catch (Exception refused) when (refused is JsonException or RuleException)
        {
            throw Refused(refused);
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
        StepRules rules = _steps ?? throw WrongKind();
        return ReadStep(TraceJson.Default.StepLine, rules.Resolve);
    }

    /// <summary>The next step of an atomic trace, or null at its end.</summary>
    public AtomicStep? ReadAtomicStep()
    {
        AtomicRules rules = _atomic ?? throw WrongKind();
        return ReadStep(TraceJson.Default.AtomicStepLine, rules.Resolve);
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

    private TStep? ReadStep<TLine, TStep>(JsonTypeInfo<TLine> type, Func<TLine, int, TStep> resolve)
        where TStep : class
    {
        if (_end is not null)
            return null;

        ReadOnlySpan<byte> line = NextLine("a step or the end");
        try
        {
            if (!IsEnd(line))
                return resolve(Parse(line, type), ++_read);

            TraceEnd end = EndRules.Resolve(Parse(line, TraceJson.Default.EndLine), Config, _read);
            if (_lines.TryRead(out _))
                throw new RuleException("something follows the end line");

            _end = end;
            return null;
        }
        catch (Exception refused) when (refused is JsonException or RuleException)
        {
            throw Refused(refused);
        }
    }

    private ReadOnlySpan<byte> NextLine(string what)
    {
        if (!_lines.TryRead(out ReadOnlySpan<byte> line))
            throw new TraceFormatException(_file, _lines.Number + 1, $"the file ends where {what} must be");

        return line.Trim(" \t\r"u8).IsEmpty
            ? throw new TraceFormatException(_file, _lines.Number, "the line is empty")
            : line;
    }

    private static T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(line, type) ?? throw new RuleException("expected an object, found null");

    /// <summary>The kind decides which configuration is read; whatever is wrong with it is said then.</summary>
    private static TraceKind KindOf(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        TraceKind kind = default;
        while (json.Read())
        {
            bool isKind =
                json.TokenType == JsonTokenType.PropertyName
                && json.CurrentDepth == 2
                && json.ValueTextEquals("kind"u8);
            if (
                isKind
                && json.Read()
                && json.TokenType == JsonTokenType.String
                && Words<TraceKind>.TryParse(json.ValueSpan, out kind))
                break;
        }

        return kind;
    }

    private static bool IsEnd(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        return json.Read()
            && json.TokenType == JsonTokenType.StartObject
            && json.Read()
            && json.TokenType == JsonTokenType.PropertyName
            && json.ValueTextEquals("end"u8);
    }

    private TraceFormatException Refused(Exception inner) =>
        new(_file, _lines.Number, inner is JsonException json ? JsonProblem.Of(json) : inner.Message, inner);

    private InvalidOperationException WrongKind()
        => new($"'{_file}' is of kind '{Words<TraceKind>.Of(Config.Kind)}', whose steps are read by the other method");
}
