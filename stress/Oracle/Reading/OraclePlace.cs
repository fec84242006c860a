using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>Where in a file of programs a reader is, and the checks whose failures name that place.</summary>
internal sealed partial record OraclePlace(string File)
{
    public string? Program { get; init; }

    public int? Thread { get; init; }

    public int? Instruction { get; init; }

    /// <summary>The place that the serializer calls by this path.</summary>
    public OraclePlace At(string path)
    {
        GroupCollection found = Path().Match(path).Groups;
        int? Number(string name) =>
            found[name].Success ? int.Parse(found[name].Value, CultureInfo.InvariantCulture) : null;
        return this with
        {
            Program = Number("program") is int program ? $"#{program}" : null,
            Thread = Number("thread"),
            Instruction = Number("instruction"),
        };
    }

    public OracleFormatException Fail(string reason, Exception? inner = null) =>
        new(File, Program, Thread, Instruction, reason, inner);

    public void Require(JsonElement element, JsonValueKind kind, string what)
    {
        if (element.ValueKind != kind)
            throw Fail($"{what} must be of JSON type {kind}, is {element.GetRawText()}");
    }

    public string Name(JsonElement element, string what)
    {
        Require(element, JsonValueKind.String, what);
        string name = Text(element, what);
        return name != "" ? name : throw Fail($"{what} must not be empty");
    }

    public int Int(JsonElement element, string what)
    {
        Require(element, JsonValueKind.Number, what);
        return element.TryGetInt32(out int value) ? value : throw Fail($"{what} must be a whole number of 32 bits");
    }

    private string Text(JsonElement element, string what)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Fail($"{what} is not valid Unicode");
        }
    }

    [GeneratedRegex(@"^\$\[(?<program>\d+)\](\.threads\[(?<thread>\d+)\](\[(?<instruction>\d+)\])?)?")]
    private static partial Regex Path();
}
