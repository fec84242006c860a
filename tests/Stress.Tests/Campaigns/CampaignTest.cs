using System.Text.Json.Nodes;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>Runs a little campaign with something of every kind in it.</summary>
public abstract class CampaignTest : CommandLineTest
{
    protected const string Small = """
        {
          "format": "kmaplab plan 1",
          "name": "small",
          "explore": [
            { "targets": ["churn"], "parameters": { "tasks": 2, "slots": 1 }, "strategies": ["random", "pct:2"],
              "seeds": [1], "executions": 2600, "shards": 3 },
            { "targets": ["no-wakeup"], "strategies": ["random"], "seeds": 7, "executions": 2000, "shards": 2 }
          ],
          "verify": [ { "targets": ["nested"], "parameters": { "tasks": 2, "slots": 2, "depth": { "from": 1, "to": 2 } } } ],
          "prove": [ { "targets": ["churn"], "variants": ["entry-kept"], "parameters": { "tasks": 2, "slots": 1 } } ],
          "find": [ { "races": ["no-wakeup"], "strategies": ["random", "pos"], "seeds": 2, "executions": 500 } ]
        }
        """;

    protected string Plan(string text = Small, string name = "plan")
    {
        string path = Path.Combine(Folder, $"{name}.json");
        File.WriteAllText(path, text);
        return path;
    }

    protected string[] RunParts(string plan, int parts) =>
        [.. Enumerable.Range(1, parts).Select(part => RunPart(plan, $"{part}/{parts}"))];

    protected string RunPart(string plan, string shard)
    {
        string path = Path.Combine(Folder, $"{shard.Replace('/', '-')}.part");
        int code = Run("campaign", "run", plan, "--shard", shard, "--report", path);
        Assert.True(code is ExitCode.Clean or ExitCode.Failure, Out + Error);
        return path;
    }

    /// <summary>A report without its times.</summary>
    protected static string ReportIn(string folder)
    {
        JsonNode report = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "report.json")))!;
        Assert.True(report.AsObject().Remove("seconds"));
        return report.ToJsonString();
    }

    protected static JsonNode JsonIn(string folder) => JsonNode.Parse(ReportIn(folder))!;

    protected static void Change(string path, Action<JsonNode> change)
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(path))!;
        change(file);
        File.WriteAllText(path, file.ToJsonString());
    }

    /// <summary>Changes the report of a piece in a part, by what kind it shows.</summary>
    protected static void ChangeReport(string path, string kind, Action<JsonNode> change) => Change(path, file =>
    {
        JsonNode outcome = file["outcomes"]!.AsArray().First(each => JsonNode.Parse((string)each!["report"]!)![kind] is not null)!;
        JsonNode report = JsonNode.Parse((string)outcome["report"]!)!;
        change(report);
        outcome["report"] = report.ToJsonString();
    });
}
