using System.Text;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance.Format.Json;

/// <summary>Reads single values exactly as the format has them, and says what stands there instead.</summary>
/// <remarks>The library's own converters are as strict, but name .NET's types rather than the file's.</remarks>
internal static class Scalars
{
    public static int Int(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int value)
            ? value
            : throw Expected("a whole number of 32 bits", json);

    public static uint Unsigned(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetUInt32(out uint value)
            ? value
            : throw Expected("an unsigned number of 32 bits", json);

    public static long Long(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long value)
            ? value
            : throw Expected("a whole number", json);

    public static bool Bool(ref Utf8JsonReader json) =>
        json.TokenType is JsonTokenType.True or JsonTokenType.False
            ? json.GetBoolean()
            : throw Expected("true or false", json);

    public static string Text(ref Utf8JsonReader json)
    {
        Require(JsonTokenType.String, "a string", json);
        return Name(ref json);
    }

    /// <summary>The text of a key, or of a string.</summary>
    public static string Name(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("the text is not valid Unicode");
        }
    }

    public static T Word<T>(ref Utf8JsonReader json)
        where T : struct, Enum
    {
        Require(JsonTokenType.String, "a string", json);
        return Words<T>.TryParse(json.ValueSpan, out T value)
            ? value
            : throw new JsonException($"'{Encoding.UTF8.GetString(json.ValueSpan)}' is none of {Words<T>.All}");
    }

    public static void Require(JsonTokenType token, string what, in Utf8JsonReader json)
    {
        if (json.TokenType != token)
            throw Expected(what, json);
    }

    private static JsonException Expected(string what, in Utf8JsonReader json)
    {
        string found = json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.EndArray => "the end of an array",
            _ => Encoding.UTF8.GetString(json.ValueSpan),
        };
        return new JsonException($"expected {what}, found {found}");
    }
}
