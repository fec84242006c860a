using System.Text.Json;
using System.Text.Unicode;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Json;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Reads files of oracle programs and accepts nothing but the format.</summary>
public static class OracleReader
{
    private const long BytesMax = 64 << 20;

    /// <summary>Reads every program of a file, in its order.</summary>
    public static IReadOnlyList<OracleProgram> ReadFile(string file)
    {
        try
        {
            byte[] json = WholeFile.Read(file, BytesMax)
                ?? throw new OracleFormatException(file, null, null, null, $"larger than {BytesMax >> 20} MiB");
            return Read(json, file);
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw new OracleFormatException(file, null, null, null, $"cannot be read: {inner.Message}", inner);
        }
    }

    /// <summary>Reads programs from text; the name stands in for a file's in messages.</summary>
    public static IReadOnlyList<OracleProgram> Read(ReadOnlyMemory<byte> json, string file)
    {
        if (!Utf8.IsValid(json.Span))
            throw new OracleFormatException(file, null, null, null, "not valid UTF-8, as JSON must be");

        try
        {
            return Programs(
                JsonSerializer.Deserialize(json.Span, OracleJson.Default.ProgramLineArray) ?? [],
                new OraclePlace(file));
        }
        catch (JsonException inner)
        {
            throw new OraclePlace(file).At(inner.Path ?? "").Fail(JsonProblem.Of(inner), inner);
        }
    }

    private static List<OracleProgram> Programs(ProgramLine[] lines, OraclePlace file)
    {
        var programs = new List<OracleProgram>();
        var names = new HashSet<string>();
        foreach (ProgramLine? line in lines)
        {
            OraclePlace place = file with { Program = $"#{programs.Count}" };
            OracleProgram program = new ProgramDecoder(
                line ?? throw place.Fail("a program must not be null"),
                place
            ).Decode();
            if (!names.Add(program.Name))
                throw (place with { Program = program.Name }).Fail("an earlier program has the same name");

            programs.Add(program);
        }

        return programs;
    }
}
