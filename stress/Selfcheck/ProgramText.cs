using System.Globalization;
using System.Text.Json.Nodes;
using Kmaplab.Stress.Oracle;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// Programs of the oracle's language as a line of text: <c>x=1: lock m; load x a; store y a+1; unlock m | await y
/// 2</c>.
/// </summary>
internal static class ProgramText
{
    // Exact answers are counted later; the format wants some.
    private const string NoAnswers = """
        {"interleavings":0,"traces":0,"deadlock_traces":0,"traces_by_preemptions":[],"states":0,
        "transitions":0,"deadlock_states":0,"final_states":0}
        """;

    /// <summary>The program, with its text for a name and without answers.</summary>
    internal static OracleProgram Parse(string text)
    {
        string[] parts = text.Split(':');
        var initial = new JsonObject();
        foreach (string start in parts.Length > 1 ? Words(parts[0], ' ') : [])
            initial.Add(start.Split('=')[0], int.Parse(start.Split('=')[1], CultureInfo.InvariantCulture));

        var program = new JsonObject
        {
            ["name"] = text,
            ["init"] = initial,
            ["threads"] = new JsonArray([.. parts[^1].Split('|').Select(Thread)]),
            ["expect"] = JsonNode.Parse(NoAnswers),
        };
        return OracleReader.Read(System.Text.Encoding.UTF8.GetBytes(new JsonArray(program).ToJsonString()), "built-in")[
            0];
    }

    private static JsonNode Thread(string text) => new JsonArray([.. Words(text, ';').Select(Instruction)]);

    private static JsonNode Instruction(string text)
    {
        string[] words = Words(text, ' ');
        var operands = words
            .Select(word => int.TryParse(word, CultureInfo.InvariantCulture, out int number) ? (JsonNode)number : word)
            .ToArray();
        if (words is ["store", _, var value] && !int.TryParse(value, CultureInfo.InvariantCulture, out _))
            operands[2] = new JsonObject
            {
                ["reg"] = value.Split('+')[0],
                ["plus"] = int.Parse(value.Split('+')[1], CultureInfo.InvariantCulture),
            };

        return new JsonArray(operands);
    }

    private static string[] Words(string text, char separator) =>
        text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
