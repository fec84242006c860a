using System.Text.Json;
using System.Text.Unicode;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Oracle;

/// <summary>Reads files of oracle programs and accepts nothing but the format.</summary>
public static class OracleReader
{
    private const long BytesMax = 64 << 20;

    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    /// <summary>Reads every program of a file, in its order.</summary>
    public static IReadOnlyList<OracleProgram> ReadFile(string file)
    {
        try
        {
            byte[] json = WholeFile.Read(file, BytesMax) ?? throw new OracleFormatException(file, null, null, null, $"larger than {BytesMax >> 20} MiB");
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
            using var document = JsonDocument.Parse(json, s_options);
            return Programs(document.RootElement, new OraclePlace(file));
        }
        catch (JsonException inner)
        {
            string line = inner.LineNumber is long number ? $" at line {number + 1}" : "";
            string reason = inner.Message.Split(" LineNumber:")[0];
            throw new OracleFormatException(file, null, null, null, $"not JSON{line}: {reason}", inner);
        }
    }

    private static List<OracleProgram> Programs(JsonElement root, OraclePlace file)
    {
        if (root.ValueKind != JsonValueKind.Array)
            throw file.Fail("the file must hold an array of programs");

        var programs = new List<OracleProgram>();
        var names = new HashSet<string>();
        foreach (JsonElement element in root.EnumerateArray())
        {
            OraclePlace place = file with { Program = $"#{programs.Count}" };
            OracleProgram program = new ProgramDecoder(element, place).Decode();
            if (!names.Add(program.Name))
                throw (place with { Program = program.Name }).Fail("an earlier program has the same name");

            programs.Add(program);
        }

        return programs;
    }
}
