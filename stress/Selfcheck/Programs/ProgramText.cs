using System.Globalization;
using System.Text.Json.Nodes;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Oracle.Reading;

namespace Kmaplab.Stress.Selfcheck.Programs;

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

    private static JsonNode Instruction(string text) => new JsonArray([.. Words(text, ' ').Select(Operand)]);

    // A number, a name, or what a register holds and a number to it.
    private static JsonNode Operand(string word)
    {
        if (int.TryParse(word, CultureInfo.InvariantCulture, out int number))
            return number;

        return word.Split('+') is [{ Length: > 0 } register, { Length: > 0 } plus]
            ? new JsonObject { ["reg"] = register, ["plus"] = int.Parse(plus, CultureInfo.InvariantCulture) }
            : word;
    }

    private static string[] Words(string text, char separator) =>
        text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
