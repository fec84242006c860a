using System.Text.Json.Nodes;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>A plan that says for how long, and not how many: what it did is told, and can be done again.</summary>
public sealed class SecondsTests : CampaignTest
{
    private const string Timed = """
        {
          "format": "kmaplab plan 1",
          "name": "timed",
          "explore": [
            { "targets": ["no-wakeup"], "strategies": ["random"], "seeds": 7, "seconds": 0.3 }
          ]
        }
        """;

    [Fact]
    public void With_the_executions_that_it_tells_in_the_place_of_seconds_a_plan_says_the_same()
    {
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", Plan(Timed)));
        Assert.Contains("1 target had seconds", Out, StringComparison.Ordinal);
        JsonNode timed = JsonIn(Folder)["targets"]![0]!;
        long executions = (long)timed["executions"]!;
        Assert.True(executions >= SearchStrategy.ChunkSize && executions % SearchStrategy.ChunkSize == 0);
        Assert.Equal(0.3, (double)timed["askedSeconds"]!);

        string again = Path.Combine(Folder, "again");
        string plan = Plan(
            Timed.Replace("\"seconds\": 0.3", $"\"executions\": {executions}, \"shards\": 1", StringComparison.Ordinal),
            "again");
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", plan, "--out", again));

        JsonNode counted = JsonIn(again)["targets"]![0]!;
        timed["askedSeconds"] = null;
        Assert.Equal(timed.ToJsonString(), counted.ToJsonString());
    }

    [Fact]
    public void Two_reports_of_such_a_piece_may_differ_only_in_how_far_they_came()
    {
        string path = Plan(Timed);
        CampaignPlan plan = CampaignPlan.Load(
            path,
            new ScenarioCatalogue("kmaplab", [typeof(LabProgram).Assembly]),
            new StrategyCatalogue(typeof(LabProgram).Assembly));
        string report = plan.Perform(plan.Pieces[0], TestContext.Current.CancellationToken);

        Assert.True(plan.Agree(plan.Pieces[0], report, report));
        Assert.True(plan.Agree(plan.Pieces[0], report, With(report, "executions", SearchStrategy.ChunkSize)));
        Assert.False(plan.Agree(plan.Pieces[0], report, With(report, "steps", 1)));
    }

    [Fact]
    public void Merging_what_two_runs_of_such_a_piece_have_done_is_refused()
    {
        string plan = Plan(Timed);
        string part = RunPart(plan, "1/1");
        string other = Path.Combine(Folder, "other.part");
        File.Copy(part, other);
        Assert.Equal(ExitCode.Failure, Run("campaign", "merge", plan, part, other)); // The same one twice is one.

        ChangeReport(other, "explored", report => report["explored"]!["executions"] =
            (long)report["explored"]!["executions"]! + SearchStrategy.ChunkSize);
        Assert.Equal(ExitCode.Usage, Run("campaign", "merge", plan, part, other));
        Assert.Contains("what is run for seconds cannot be repeated, so merge only one of them", Error, StringComparison.Ordinal);
        Assert.Empty(Out);

        ChangeReport(other, "explored", report => report["explored"]!["executions"] = 513);
        Assert.Equal(ExitCode.Usage, Run("campaign", "merge", plan, other));
        Assert.Contains("it ends after 513 executions, where none of seconds does", Error, StringComparison.Ordinal);
    }

    private static string With(string report, string field, long more)
    {
        JsonNode changed = JsonNode.Parse(report)!;
        changed["explored"]![field] = (long)changed["explored"]![field]! + more;
        return changed.ToJsonString();
    }
}
