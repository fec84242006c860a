using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using CsCheck;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>However a campaign is run, its report is the same but for times.</summary>
public sealed class ThreeWaysTests : CampaignTest
{
    private const string Few = """
        { "format": "kmaplab plan 1", "name": "few", "find": [ { "races": ["no-wakeup"], "strategies": ["pos"],
          "seeds": 2, "executions": 500 } ] }
        """;

    [Fact]
    public void In_one_process_or_in_parts_in_any_order_with_any_number_of_jobs_a_campaign_says_the_same()
    {
        string plan = Plan();
        string one = Path.Combine(Folder, "one");
        string three = Path.Combine(Folder, "three");
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", plan, "--out", one, "--jobs", "1"));
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", plan, "--out", three, "--jobs", "3"));
        string[] parts = RunParts(plan, 4);

        string expected = ReportIn(one);
        Assert.Equal(expected, ReportIn(three));
        Gen.Shuffle(parts).Sample(
            shuffled =>
            {
                string merged = Directory.CreateTempSubdirectory("kmaplab-merged-").FullName;
                Assert.Equal(
                    ExitCode.Failure, Run(["campaign", "merge", plan, .. shuffled, shuffled[0], "--out", merged]));
                Assert.Equal(expected, ReportIn(merged));
                Assert.Equal(SchedulesIn(one), SchedulesIn(merged));
                Directory.Delete(merged, recursive: true);
            },
            iter: 3,
            threads: 1);
    }

    [Fact]
    public void What_it_says_is_what_explore_verify_and_the_matrix_say()
    {
        Run("campaign", "run", Plan());
        JsonNode report = JsonIn(Folder);

        JsonElement explored = RunForJson(
            ExitCode.Failure,
            "explore", "no-wakeup", "--strategy", "random", "--seed", "7", "--executions", "2000", "--keep-going",
            "--no-minimize");
        JsonNode target = report["targets"]![2]!;
        foreach (string name in (string[])["executions", "steps", "cutOff", "failures"])
            Assert.Equal(explored.GetProperty(name).GetInt64(), (long)target[name]!);

        JsonElement verified = RunForJson(
            ExitCode.Clean, "verify", "nested", "--tasks", "2", "--slots", "2", "--depth", "1");
        JsonNode cell = report["cells"]![0]!;
        Assert.Equal(verified.GetProperty("verdict").GetString(), (string)cell["verdict"]!);
        foreach (string name in (string[])["states", "transitions", "maxDepth"])
            Assert.Equal(verified.GetProperty(name).GetInt64(), (long)cell[name]!);

        JsonElement matrix = RunForJson(
            ExitCode.Clean,
            "races", "no-wakeup", "--matrix", "--strategy", "random", "pos", "--seeds", "2", "--executions", "500");
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(matrix.GetProperty("matrix").GetRawText()), report["matrix"]));
    }

    [Fact]
    public void A_race_that_is_not_found_is_an_answer_too()
    {
        const string Hard = """
            { "format": "kmaplab plan 1", "name": "hard", "find": [ { "races": ["exclusive-waiters"],
              "strategies": ["random"], "seeds": 2, "executions": 1 } ] }
            """;

        Assert.Equal(ExitCode.Clean, Run("campaign", "run", Plan(Hard)));

        JsonNode cell = JsonIn(Folder)["matrix"]![0]!;
        Assert.Equal(0, (int)cell["found"]!);
        Assert.Null(cell["median"]);
        Assert.Contains("0 of 1 pair of a race and a strategy with every seed, 1 with none", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_each_of_them_writes_one_object()
    {
        string plan = Plan(Few);
        string part = Path.Combine(Folder, "a.part");

        string all = RunForJson(ExitCode.Clean, "campaign", "run", plan).GetProperty("corpus").GetRawText();
        JsonElement file = RunForJson(
            ExitCode.Clean, "campaign", "run", plan, "--shard", "1/1", "--report", part);
        Assert.Equal(1, file.GetProperty("outcomes").GetArrayLength());
        JsonElement merged = RunForJson(ExitCode.Clean, "campaign", "merge", plan, part);
        Assert.Equal(all, merged.GetProperty("corpus").GetRawText());
    }

    [Fact]
    public void Interrupted_a_campaign_is_not_complete_and_says_so()
    {
        using var stdout = new StringWriter();
        int code = LabProgram.Run(
            ["campaign", "run", Plan(Few), "--out", Folder],
            new Terminal(stdout, TextWriter.Null, Cancellation: new CancellationToken(canceled: true)));

        Assert.Equal(ExitCode.NoAnswer, code);
        Assert.Contains("few: no answer; 0 of 1 piece", stdout.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("UNTESTED", stdout.ToString(), StringComparison.Ordinal);
        Assert.False((bool)JsonIn(Folder)["complete"]!);
    }

    [Fact]
    public void The_orders_of_all_shards_are_those_of_one()
    {
        const string One = """
            { "format": "kmaplab plan 1", "name": "orders", "explore": [ { "targets": ["churn"],
              "parameters": { "tasks": 2, "slots": 1, "rounds": 1 }, "strategies": ["random"], "seeds": 1,
              "executions": 5120, "shards": 10 } ] }
            """;
        Assert.Equal(ExitCode.Clean, Run("campaign", "run", Plan(One)));
        JsonNode target = JsonIn(Folder)["targets"]![0]!;

        Assert.True((long)target["compared"]! > 1500, "more are compared than those of one shard");
        Assert.Equal(14, (long)target["distinct"]!); // As verify counts them, and not ten times as many.
        Assert.Equal(0, (long)target["classes"]!["seenOnce"]!);
        Assert.True((double)target["classes"]!["newAtMost"]! < 0.008);

        JsonObject[] curve = [.. target["curve"]!.AsArray().Select(point => point!.AsObject())];
        Assert.Equal((1, 1), Point(curve[0]));
        Assert.Equal(((long)target["compared"]!, 14), Point(curve[^1]));
        Assert.Equal(curve.Select(Point).Order(), curve.Select(Point)); // More executions, and not fewer orders.
        Assert.Equal(curve.Select(Point).Select(point => point.Orders).Order(), curve.Select(Point).Select(point => point.Orders));

        static (long Executions, long Orders) Point(JsonObject point) =>
            ((long)point["executions"]!, (long)point["distinct"]!);
    }

    [Fact]
    public void Each_schedule_of_the_corpus_replays_and_is_there_once()
    {
        Run("campaign", "run", Plan());
        JsonArray corpus = JsonIn(Folder)["corpus"]!.AsArray();

        Assert.Equal(["lost-wakeup", "deadlock"], corpus.Select(entry => (string)entry!["class"]!));
        Assert.Equal([4, 1], corpus.Select(entry => (int)entry!["hits"]!)); // Two shards and two strategies find it.
        Assert.Equal(corpus.Count, Directory.GetFiles(Path.Combine(Folder, "corpus"), "*.schedule").Length);
        Assert.All(corpus, entry =>
        {
            string file = Path.Combine(Folder, (string)entry!["file"]!);
            Assert.Equal(ExitCode.Clean, Run("replay", file));
            Assert.Contains($"reproduced {(string)entry["class"]!}", Out, StringComparison.Ordinal);
            Assert.Equal(
                entry["fingerprint"]!.ToString(), Path.GetFileNameWithoutExtension(file));
        });
    }

    [Fact]
    public void The_page_says_what_the_report_says_and_its_links_lead_somewhere()
    {
        Run("campaign", "run", Plan());
        string page = File.ReadAllText(Path.Combine(Folder, "campaign.html"));

        Assert.All(
            JsonIn(Folder)["corpus"]!.AsArray(),
            entry =>
            {
                string file = (string)entry!["file"]!;
                Assert.Contains($"href=\"{file}\"", page, StringComparison.Ordinal);
                Assert.True(File.Exists(Path.Combine(Folder, Path.ChangeExtension(file, ".html"))));
            });
        Assert.Contains("<td class=\"n\">2600<td class=\"n\">none<td>1 in 867", page, StringComparison.Ordinal);
        Assert.Equal(4, page.Split("<polyline points=\"44.0,134.0 ").Length); // A curve for each that was sampled.
        Assert.Contains("Not as expected", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string SchedulesIn(string folder) => string.Concat(
        Directory.GetFiles(Path.Combine(folder, "corpus"), "*.schedule")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText));
}
