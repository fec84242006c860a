using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Tests.Conformance;
using Kmaplab.Stress.Tests.Oracle;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>With --json each command writes one JSON object to stdout, and nothing else.</summary>
public sealed partial class JsonOutputTests : CommandLineTest
{
    private static readonly Dictionary<string, string[]> s_calls = new()
    {
        ["scenarios"] = [],
        ["races"] = [],
        ["explore"] = ["no-wakeup"],
        ["verify"] = ["churn", "--tasks", "2", "--slots", "1", "--pages", "2"],
        ["soak"] = ["churn", "--seconds", "0.1"],
        ["oracle"] = ["PROGRAMS"],
        ["replay"] = ["SCHEDULE"],
        ["merge"] = ["SHARD"],
        ["campaign"] = ["plan", "catalogue"],
        ["minimize"] = ["SCHEDULE"],
        ["explain"] = ["SCHEDULE", "--format", "html"],
        ["conform"] = [RecordedTraces.FileOf("coarse-1")],
        ["record"] = ["TRACE"],
        ["releases"] = [],
    };

    // Interrupted before they begin: what they tell then is an object, too, and all that they tell takes too long here.
    private static readonly string[] s_interrupted = ["tour", "frontier", "bench", "selfcheck", "alternatives", "speeds"];

    // A terminal is no object; it refuses --json.
    private const string OnTerminal = "play";

    public static TheoryData<string> Calls { get; } = [.. s_calls.Keys];

    public static TheoryData<string> Interrupted { get; } = [.. s_interrupted];

    [Fact]
    public void Every_command_is_among_those_that_are_tried()
    {
        Run("--help");
        string commands = Out[Out.IndexOf("Commands:", StringComparison.Ordinal)..];

        Assert.Equal(
            s_calls.Keys.Concat(s_interrupted).Append(OnTerminal).Order(),
            CommandName().Matches(commands).Select(name => name.Groups[1].Value).Order());
    }

    [Fact]
    public void Who_plays_by_hand_gets_none() => AssertRefused(
        "play is for people and has no --json: replay and explain tell a schedule as data",
        OnTerminal,
        "churn",
        "--json");

    [Theory]
    [MemberData(nameof(Calls))]
    public void Stdout_is_one_object(string command)
    {
        Run("explore", "no-wakeup", "--no-minimize");
        string schedule = Directory.GetFiles(Folder, "*.schedule")[0];
        string programs = Path.Combine(Folder, "programs.json");
        string shard = Path.Combine(Folder, "shard.json");
        Run("explore", "no-wakeup", "--executions", "512", "--shard", "1/1", "--report", shard);
        File.WriteAllText(programs, OracleCheckTests.TwoWriters(11, 7, "[1]"));
        string[] arguments =
        [
            .. s_calls[command].Select(argument => argument switch
            {
                "PROGRAMS" => programs,
                "SCHEDULE" => schedule,
                "SHARD" => shard,
                "TRACE" => Path.Combine(Folder, "t.jsonl"),
                _ => argument,
            }),
        ];

        Run([command, .. arguments, "--json"]);

        AssertOneObject(Out);
    }

    [Theory]
    [MemberData(nameof(Interrupted))]
    public void Stdout_is_one_object_after_an_interrupt(string command)
    {
        using var stdout = new StringWriter();
        LabProgram.Run(
            [command, "--json", "--out", Folder],
            new Terminal(stdout, TextWriter.Null, Cancellation: new CancellationToken(canceled: true)));

        AssertOneObject(stdout.ToString());
    }

    private static void AssertOneObject(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        Assert.NotEmpty(document.RootElement.EnumerateObject());
    }

    [GeneratedRegex(@"^  ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex CommandName();
}
