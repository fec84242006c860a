using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Pictures.Tracing;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>Each form that other tools read: by its own rules, and against a file that was looked at.</summary>
public sealed partial class FormatTests
{
    private const string Update = "KMAPLAB_UPDATE_GOLDEN"; // Set to write the files anew, to be looked at again.

    public static TheoryData<string> Races => [.. ExplanationSamples.Races];

    [Theory]
    [InlineData("no-wakeup", "ftrace")]
    [InlineData("no-wakeup", "mermaid")]
    [InlineData("no-wakeup", "sarif")]
    [InlineData("no-wakeup", "dot")]
    [InlineData("lock-with-irqs-off", "dot")]
    [InlineData("lock-with-irqs-off", "ftrace")]
    [InlineData("wrong-km-type", "ftrace")]
    public void A_form_is_what_it_was(string race, string format)
    {
        string name = $"{race}.{format}.txt";
        string text = Steady(Write(race, format));
        string path = Path.Combine(Checkout.RootOrSkip(), "tests", "Stress.Tests", "Pictures", "Golden", name);
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void A_Perfetto_trace_has_its_rows_in_order_and_its_slices_nested(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        ProtoReader[] packets = [.. new ProtoReader(WriteBytes(race, "perfetto")).Messages(1)];
        ProtoReader[] tracks = [.. packets.SelectMany(packet => packet.Messages(60))];
        string[] names = [.. tracks.Skip(1).OrderBy(track => track.Number(12)).Select(track => track.Text(2))];
        Assert.Equal(3UL, tracks[0].Number(11)); // Children by rank.
        Assert.Equal(explanation.Lanes.Select(lane => lane.Name), names.Where(name => !name.Contains(": ", StringComparison.Ordinal)));

        var open = new Dictionary<ulong, int>();
        ulong time = 0;
        int steps = 0;
        foreach (ProtoReader packet in packets.Where(packet => packet.Has(11)))
        {
            Assert.True(packet.Number(8) >= time);
            time = packet.Number(8);
            ProtoReader happened = Assert.Single(packet.Messages(11));
            ulong track = happened.Number(11);
            Assert.Contains(tracks, known => known.Number(1) == track);
            int depth = open.GetValueOrDefault(track);
            int change = happened.Number(9) switch { 1 => 1, 2 => -1, _ => 0 };
            Assert.InRange(depth + change, 0, 2); // A step may end what it lies in: waiting for a CPU.
            open[track] = depth + change;
            steps += happened.Messages(4).Any(note => note.Text(10) == "step") ? 1 : 0;
        }

        Assert.All(open.Values, depth => Assert.Equal(0, depth));
        Assert.Equal(explanation.Trace.Steps.Count, steps);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Flows_of_a_Perfetto_trace_are_the_arrows(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        var from = new Dictionary<ulong, int>();
        var to = new Dictionary<ulong, int>();
        foreach (ProtoReader happened in new ProtoReader(WriteBytes(race, "perfetto")).Messages(1).SelectMany(packet => packet.Messages(11)))
        {
            string? step = happened.Messages(4).FirstOrDefault(note => note.Text(10) == "step")?.Text(6);
            foreach (ulong flow in happened.Numbers(47))
                from[flow] = int.Parse(step!);

            foreach (ulong flow in happened.Numbers(48))
                to[flow] = int.Parse(step!);
        }

        Assert.Equal(
            explanation.Arrows.Where(arrow => arrow.To != 0).Select(arrow => (arrow.From, arrow.To)).Order(),
            from.Select(flow => (flow.Value, to[flow.Key])).Order());
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Every_line_of_an_ftrace_text_is_one_that_its_readers_take(string race)
    {
        string[] lines = [.. Write(race, "ftrace").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))];

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Matches(FtraceLine(), line));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void A_SARIF_log_has_a_thread_flow_for_each_context_and_counts_executions_through(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        JsonElement run = JsonDocument.Parse(WriteBytes(race, "sarif")).RootElement.GetProperty("runs")[0];
        JsonElement result = Assert.Single(run.GetProperty("results").EnumerateArray());
        Assert.Equal(
            run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0].GetProperty("id").GetString(),
            result.GetProperty("ruleId").GetString());
        JsonElement[] flows = [.. result.GetProperty("codeFlows")[0].GetProperty("threadFlows").EnumerateArray()];
        Assert.Equal(
            explanation.Trace.Steps.Select(step => explanation.Trace.Contexts[step.Context]).Distinct().Order(),
            flows.Select(flow => flow.GetProperty("id").GetString()!).Order());
        int[] order = [.. flows.SelectMany(flow => flow.GetProperty("locations").EnumerateArray())
            .Select(location => location.GetProperty("executionOrder").GetInt32()).Distinct().Order()];
        Assert.All(order, step => Assert.InRange(step, 1, explanation.Trace.Steps.Count));
        Assert.Contains(explanation.Trace.Steps.Count, order);
    }

    [Fact]
    public void A_circle_of_waiting_is_marked()
    {
        var graph = WaitForGraph.Of(ExplanationSamples.Explain("lock-with-irqs-off").Trace);

        Assert.All(graph.Edges, edge => Assert.True(edge.IsInCycle));
        Assert.Equal(4, graph.Edges.Count);
        Assert.DoesNotContain(WaitForGraph.Of(ExplanationSamples.Explain("no-wakeup").Trace).Edges, edge => edge.IsInCycle);
    }

    [Theory]
    [InlineData(0L, new byte[] { 8, 0 })]
    [InlineData(300L, new byte[] { 8, 0xAC, 2 })]
    [InlineData(-1L, new byte[] { 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    public void Numbers_are_encoded_as_the_format_says(long number, byte[] bytes) =>
        Assert.Equal(bytes, new ProtoWriter().Number(1, number).Bytes.ToArray());

    private static string Write(string race, string format) => Encoding.UTF8.GetString(WriteBytes(race, format));

    private static byte[] WriteBytes(string race, string format)
    {
        using var stream = new MemoryStream();
        PictureFormats.Find(format).Write(ExplanationSamples.Explain(race), stream);
        return stream.ToArray();
    }

    // Without lines of the source, which the runtime may not know of code that runs often, and without the token, which
    // has a hash of the build.
    private static string Steady(string text) =>
        Token().Replace(LineNumber().Replace(Location().Replace(text, ""), "$1N"), "$1N");

    [GeneratedRegex(@"(\.cs:)\d+")]
    private static partial Regex LineNumber();

    [GeneratedRegex(@"^ *""physicalLocation"": \{\n( *""artifactLocation"".*\n.*\n *\},\n *""region"".*\n.*\n *\}\n) *\},\n", RegexOptions.Multiline)]
    private static partial Regex Location();

    [GeneratedRegex(@"(""token"": "")[^""]*")]
    private static partial Regex Token();

    [GeneratedRegex(@"^ *\S+-\d+ +\[\d{3}\] [d.][N.][hs.][0-9a-f.]\. +\d+\.\d{6}: [a-z_]+: .+$")]
    private static partial Regex FtraceLine();
}
