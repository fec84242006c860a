using System.Text.Json;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>Whoever finds a failure writes the page that tells it, beside its schedule.</summary>
public sealed class FailurePageTests : CommandLineTest
{
    public static TheoryData<string> Searches { get; } =
    [
        "explore no-wakeup",
        "explore no-wakeup --no-minimize",
        "verify no-wakeup",
        "soak exhaust --variant no-wakeup --rounds 1 --seconds 60",
    ];

    private string[] Pages => Directory.GetFiles(Folder, "*.html");

    [Theory]
    [MemberData(nameof(Searches))]
    public void The_page_is_that_of_the_schedule_that_is_handed_over_and_is_named(string search)
    {
        JsonElement failure = RunForJson(ExitCode.Failure, search.Split(' ')).GetProperty("failure");

        string page = Assert.Single(Pages);
        JsonElement minimal = failure.GetProperty("minimal");
        string schedule = (minimal.ValueKind == JsonValueKind.Null ? failure : minimal).GetProperty("schedule").GetString()!;
        Assert.Equal(page, failure.GetProperty("report").GetString());
        Assert.Equal(Path.ChangeExtension(schedule, ".html"), page);
        Assert.Contains($"  report: {page}{Environment.NewLine}", Error, StringComparison.Ordinal);

        byte[] written = File.ReadAllBytes(page);
        Assert.Equal(ExitCode.Clean, Run("explain", schedule, "--format", "html"));
        Assert.Equal(File.ReadAllBytes(page), written);
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public void Who_does_not_want_it_gets_none(string search)
    {
        JsonElement failure = RunForJson(ExitCode.Failure, [.. search.Split(' '), "--no-report"]).GetProperty("failure");

        Assert.Empty(Pages);
        Assert.Equal(JsonValueKind.Null, failure.GetProperty("report").ValueKind);
        Assert.DoesNotContain("report: ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("no report", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Minimize_writes_that_of_the_smallest_and_merge_what_explore_would_have()
    {
        Run("explore", "no-wakeup", "--no-minimize", "--no-report");
        string minimized = RunForJson(ExitCode.Clean, "minimize", Assert.Single(Directory.GetFiles(Folder, "*.schedule")))
            .GetProperty("report").GetString()!;

        Assert.Equal(minimized, Assert.Single(Pages));

        string shard = Path.Combine(Folder, "shard.json");
        Run("explore", "no-wakeup", "--executions", "512", "--shard", "1/1", "--report", shard);
        Assert.Equal(minimized, Assert.Single(Pages)); // A shard hands nothing over.

        string merged = RunForJson(ExitCode.Failure, "merge", shard)
            .GetProperty("failure").GetProperty("report").GetString()!;
        Assert.Equal(new HashSet<string> { minimized, merged }, [.. Pages]);
    }

    [Fact]
    public void An_exploration_with_many_failures_writes_one()
    {
        Assert.Equal(ExitCode.Failure, Run("explore", "no-wakeup", "--keep-going", "--executions", "200"));

        Assert.Single(Pages);
    }

    [Theory]
    [InlineData("explore")]
    [InlineData("verify")]
    public void A_page_that_cannot_be_written_takes_nothing_else_away(string search)
    {
        JsonElement before = RunForJson(ExitCode.Failure, search, "no-wakeup").GetProperty("failure");
        string page = before.GetProperty("report").GetString()!;
        foreach (string file in Directory.GetFiles(Folder))
            File.Delete(file);

        Directory.CreateDirectory(page); // Nothing can take its place.
        Assert.Equal(ExitCode.Failure, Run(search, "no-wakeup"));

        Assert.Matches(@"(?m)^  no report: .*\.html.*$", Out);
        Assert.Contains("  minimal: ", Out, StringComparison.Ordinal);
        Assert.Empty(Error);
        string schedule = before.GetProperty("minimal").GetProperty("schedule").GetString()!;
        Assert.Equal(ExitCode.Clean, Run("replay", schedule));
        Assert.Empty(Directory.GetFiles(Folder, "*.part"));
    }
}
