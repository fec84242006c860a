using System.Text;
using CsCheck;
using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Oracle.Reading;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>Programs in all of the oracle's language, as text of a file.</summary>
internal static class LanguagePrograms
{
    private const string Locals = """["set","r",0],["set","s",0]""";

    private static readonly Gen<string> s_register = OneOf("r", "s");

    private static readonly Gen<string> s_number = Gen.Int[0, 2].Select(number => $"{number}");

    private static readonly Gen<string> s_value = Gen.Frequency(
        (3, s_number),
        (1, Gen.Select(s_register, Gen.Int[-1, 1], (name, plus) => $$"""{"reg":"{{name}}","plus":{{plus}}}""")));

    private static readonly Gen<string> s_comparison = OneOf("==", "!=", "<", "<=", ">", ">=");

    private static readonly Gen<string> s_variable = Gen.Frequency(
        (4, OneOf("\"x\"", "\"y\"")),
        (1, s_value.Select(at => $$"""{"array":"a","at":{{at}}}""")));

    private static readonly Gen<string> s_read = Gen.OneOf(
        Gen.Select(s_variable, s_register, (x, r) => $"""["load",{x},"{r}"]"""),
        Gen.Select(s_variable, s_value, s_register, (x, v, r) => $"""["add",{x},{v},"{r}"]"""),
        Gen.Select(s_variable, s_value, s_register, (x, v, r) => $"""["exchange",{x},{v},"{r}"]"""),
        Gen.Select(
            s_variable, s_value, s_value, s_register, (x, old, v, r) => $"""["cas",{x},{old},{v},"{r}"]"""));

    private static readonly Gen<string> s_local = Gen.OneOf(
        Gen.Select(s_register, s_value, (r, v) => $"""["set","{r}",{v}]"""),
        Gen.Select(
            s_register, s_value, OneOf("+", "-", "*", "/", "%", "&", "|", "^"), s_value,
            (r, left, sign, right) => $"""["compute","{r}",{left},"{sign}",{right}]"""),
        Gen.Select(s_register, s_comparison, s_value, (r, c, v) => $"""["exit-if","{r}","{c}",{v}]"""),
        Gen.Select(s_register, s_number, (r, v) => $"""["exit-unless","{r}",{v}]"""));

    private static readonly Gen<string> s_step = Gen.Frequency(
        (4, s_read),
        (3, Gen.Select(s_variable, s_value, (x, v) => $"""["store",{x},{v}]""")),
        (1, Gen.Select(s_variable, s_comparison, s_value, (x, c, v) => $"""["await",{x},"{c}",{v}]""")),
        (1, Gen.Select(
            s_variable, s_comparison, s_value, Gen.Int[-1, 1], (x, c, v, n) => $"""["await-add",{x},"{c}",{v},{n}]""")),
        (1, OneOf("""["down","s"]""", """["up","s"]""")),
        (2, OneOf("""["lock","m"]""", """["unlock","m"]""", """["trylock","m","r"]""")),
        (2, OneOf("""["signal","c"]""", """["broadcast","c"]""", """["lock","m"],["wait","c","m"]""")),
        (1, Gen.OneOf(
            s_value.Select(v => $"""["send","q",{v}]"""),
            s_register.Select(r => $"""["receive","q","{r}"]"""))),
        (1, s_register.Select(r => $"""["choose",2,"{r}"]""")));

    private static readonly Gen<string> s_assertion = Gen.Select(
        s_register, s_comparison, s_value, (r, c, v) => $"""["assert","{r}","{c}",{v}]""");

    private static readonly Gen<string> s_thread =
        Gen.Frequency((6, s_step), (3, s_local), (1, s_assertion), (1, Gen.Const("loop")), (1, Gen.Const("skip")))
            .Array[1, 4]
            .Select(Jumping);

    /// <summary>A file with one program, 'p'.</summary>
    internal static Gen<string> Files { get; } = Gen.Select(s_thread.Array[2, 3], Gen.Bool, (threads, ends) => $$"""
        [{"name":"p","init":{"x":1,"a":[0,1,2],"s":1},"channels":{"q":2},"threads":[{{string.Join(",", threads)}}]
        {{(ends ? """,  "finally":[["x","<=",1]]""" : "")}}}]
        """);

    internal static OracleProgram Parse(string file) => OracleReader.Read(Encoding.UTF8.GetBytes(file), "test")[0];

    private static Gen<string> OneOf(params string[] choices) =>
        Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    // A loop always has a step in it, and begins with what it may jump over.
    private static string Jumping(string[] parts)
    {
        var code = new List<string> { Locals };
        for (int i = 0; i < parts.Length; i++)
        {
            string? wrapped = parts[i] switch
            {
                "loop" => $"""["label","l{i}"],["load","x","r"],["jump-if","r",">",1,"l{i}"]""",
                "skip" => $"""["jump-unless","r",0,"l{i}"],["store","y",1],["label","l{i}"]""",
                _ => null,
            };
            code.Add(wrapped ?? parts[i]);
        }

        return $"[{string.Join(",", code)}]";
    }
}
