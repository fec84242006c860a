using System.Text.Json;

namespace Kmaplab.Stress.Oracle;

/// <summary>Where in a file of programs a reader is, and the checks whose failures name that place.</summary>
internal sealed record OraclePlace(string File)
{
    public string? Program { get; init; }

    public int? Thread { get; init; }

    public int? Instruction { get; init; }

    public OracleFormatException Fail(string reason) => new(File, Program, Thread, Instruction, reason);

    /// <summary>Checks that an object has the required fields and no others but the optional one.</summary>
    public void RequireFields(JsonElement element, string what, string[] required, string? optional = null)
    {
        Require(element, JsonValueKind.Object, what);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name != optional && !required.Contains(property.Name))
                throw Fail($"unknown field '{property.Name}' in {what}");
        }

        foreach (string name in required)
        {
            if (!element.TryGetProperty(name, out _))
                throw Fail($"field '{name}' is missing in {what}");
        }
    }

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

    public long Count(JsonElement element, string what)
    {
        Require(element, JsonValueKind.Number, what);
        bool whole = element.TryGetInt64(out long value);
        return whole && value >= 0 ? value : throw Fail($"{what} must be a whole number from 0 up");
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
}
