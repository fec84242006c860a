using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Json;

/// <summary>Says in the file's own terms why the serializer refused something, in one line.</summary>
/// <remarks>
/// The library's own words name .NET types, which nobody meets in a file. What it says that is not known here is passed
/// on as it is.
/// </remarks>
internal static partial class JsonProblem
{
    /// <summary>The member and what is wrong with it, or where the text is no JSON.</summary>
    public static string Of(JsonException refused) => refused switch
    {
        { InnerException: JsonException syntax } => NotJson(syntax),
        { Path: null } => NotJson(refused),
        _ => OfMember(refused.Message.Split(" Path:")[0], LastMember().Match(refused.Path).Groups["name"].Value),
    };

    private static string NotJson(JsonException syntax)
    {
        string line = syntax.LineNumber > 0 ? $"line {syntax.LineNumber + 1}, " : "";
        return $"not JSON at {line}byte {syntax.BytePositionInLine + 1}: {syntax.Message.Split(" LineNumber:")[0]}";
    }

    private static string OfMember(string message, string member)
    {
        string place = member == "" ? "" : $" in '{member}'";
        if (Unknown().Match(message) is { Success: true } unknown)
            return unknown.Groups["name"].Value is var name && name == member
                ? $"unknown field '{name}'"
                : $"unknown field '{name}'{place}";

        if (Doubled().Match(message) is { Success: true } doubled)
            return $"field '{doubled.Groups["name"].Value}' appears twice{place}";

        if (Missing().Match(message) is { Success: true } missing)
            return $"field {missing.Groups["names"].Value} is missing{place}";

        string reason = message;
        if (message.Contains("doesn't allow setting null", StringComparison.Ordinal))
            reason = "must not be null";
        else if (WrongType().Match(message) is { Success: true } wrong)
            reason = $"expected {Expected(wrong.Groups["type"].Value)}";

        return member == "" ? reason : $"'{member}': {reason}";
    }

    private static string Expected(string type) =>
        type switch
        {
            _ when type.EndsWith("[]", StringComparison.Ordinal)
                    || type.Contains("Array`1", StringComparison.Ordinal) => "an array",
            _ when type.Contains("System.Int32", StringComparison.Ordinal) => "a whole number of 32 bits",
            _ when type.Contains("System.Int64", StringComparison.Ordinal) => "a whole number",
            _ when type.Contains("System.UInt64", StringComparison.Ordinal) => "a whole number from 0",
            _ when type.Contains("System.Double", StringComparison.Ordinal) => "a number",
            _ when type.Contains("System.Boolean", StringComparison.Ordinal) => "true or false",
            "System.String" => "a string",
            _ => "an object",
        };

    [GeneratedRegex(@"(\.|\[')(?<name>[^.\[\]']*)('\])?(\[\d+\])*$")]
    private static partial Regex LastMember();

    [GeneratedRegex("^The JSON property '(?<name>.*)' could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("^Duplicate property '(?<name>.*)' encountered")]
    private static partial Regex Doubled();

    [GeneratedRegex("missing required properties including: (?<names>.*?)\\.?$")]
    private static partial Regex Missing();

    [GeneratedRegex(@"could not be converted to (?<type>.*?)\.?$")]
    private static partial Regex WrongType();
}
