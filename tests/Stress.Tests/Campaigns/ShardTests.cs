using System.Text.Json.Nodes;
using CsCheck;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>Shards that were run anywhere, and merged in any order, say what one run says.</summary>
public sealed class ShardTests : CommandLineTest
{
    private const int Executions = 2600; // Five whole chunks, and one that is not.
    private static readonly string[] s_times = ["seconds", "stepsPerSecond", "executionsPerSecond"];

    [Theory]
    [InlineData(3, "churn")]
    [InlineData(6, "churn", "--keep-going", "--strategy", "pct")]
    [InlineData(2, "no-wakeup")]
    [InlineData(4, "no-wakeup", "--keep-going", "--strategy", "random", "--seed", "7")]
    [InlineData(5, "shared", "--variant", "no-recheck")]
    [InlineData(1, "exhaust", "--preempt", "off")]
    public void Merged_in_any_order_they_say_what_one_run_says(int shards, params string[] what)
    {
        string[] files = RunShards(shards, what);
        Run(["explore", .. what, "--executions", $"{Executions}", "--json"]);
        string whole = WithoutTimes(Out);

        Gen.Shuffle(files).Sample(
            shuffled =>
            {
                Run(["merge", .. shuffled, "--json"]);
                Assert.Equal(whole, WithoutTimes(Out));
            },
            iter: 3,
            threads: 1);
    }

    [Fact]
    public void The_text_is_that_of_one_run_too()
    {
        string[] files = RunShards(2, "no-wakeup");
        Run("explore", "no-wakeup", "--executions", $"{Executions}");
        string[] whole = Out.Split('\n');

        Assert.Equal(ExitCode.Failure, Run(["merge", .. files]));

        string[] merged = Out.Split('\n');
        Assert.Equal(whole.Length, merged.Length);
        Assert.All(
            whole.Zip(merged).Where(lines => lines.First != lines.Second),
            lines => Assert.EndsWith("k executions/s", lines.Second.TrimEnd(), StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_merged_can_be_merged_again_in_any_way_and_repeated()
    {
        string[] files = RunShards(3, "churn");
        string two = Path.Combine(Folder, "two.json");
        string all = Path.Combine(Folder, "all.json");
        string again = Path.Combine(Folder, "again.json");

        Assert.Equal(ExitCode.NoAnswer, Run("merge", files[2], files[0], "--report", two));
        Assert.Equal(ExitCode.Clean, Run("merge", files[1], two, files[0], "--report", all));
        Assert.Equal(ExitCode.Clean, Run(["merge", all, .. files, "--report", again]));

        Assert.Equal(File.ReadAllText(all), File.ReadAllText(again));
    }

    [Fact]
    public void What_is_missing_is_named_and_there_is_no_answer()
    {
        string[] files = RunShards(6, "churn");

        Assert.Equal(ExitCode.NoAnswer, Run("merge", files[1], files[5]));

        Assert.Contains("missing of 6 shards: 1, 3-5; this is what the others show", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void After_the_first_that_fails_none_is_missed()
    {
        string[] files = RunShards(5, "no-wakeup");

        Assert.Equal(ExitCode.Failure, Run("merge", files[0]));

        Assert.DoesNotContain("missing", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Those_of_something_else_are_refused_by_name()
    {
        string mine = RunShard("a", "1/2", "churn");
        AssertRefusedMerge(mine, RunShard("b", "2/3", "churn"), "it is cut into 3 shards and not into 2");
        AssertRefusedMerge(mine, RunShard("c", "2/2", "shared"), "it is of shared (");
        AssertRefusedMerge(mine, RunShard("d", "2/2", "churn", "--seed", "2"), "it has seed 2 and not 1");
        AssertRefusedMerge(
            mine, RunShard("e", "2/2", "churn", "--strategy", "pos"), "it is of strategy pos and not of auto");
        AssertRefusedMerge(
            mine, RunShard("f", "2/2", "churn", "--keep-going"), "only one of them goes on after a failure");
        AssertRefusedMerge(
            mine,
            RunShard("g", "2/2", "churn", "--tasks", "3"),
            "it is of churn (tasks=3 ");
    }

    [Fact]
    public void Those_of_another_build_are_refused_also_if_all_are_of_it()
    {
        string mine = RunShard("a", "1/2", "churn");
        string other = Change(RunShard("b", "2/2", "churn"), file =>
        {
            Schedule schedule = Product.Tokens.Parse((string)file["experiment"]!);
            file["experiment"] = Product.Tokens.Format(schedule with { Build = schedule.Build + 1 });
        });

        AssertRefusedMerge(mine, other, "it is of another build (");
        Assert.Equal(ExitCode.Usage, Run("merge", other));
        Assert.Contains("merge shards with the program that has run them", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_contradict_each_other_are_refused()
    {
        string mine = RunShard("a", "1/2", "churn");
        string other = Change(RunShard("b", "1/2", "churn"), file => file["shards"]![0]!["steps"] = 1);

        Assert.Equal(ExitCode.Usage, Run("merge", mine, other));

        Assert.Contains("say different things of shard 1/2", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_that_does_not_show_when_it_is_run_again_is_not_told()
    {
        string file = Change(RunShard("a", "1/2", "no-wakeup"), file =>
        {
            Schedule failure = Product.Tokens.Parse((string)file["shards"]![0]!["failure"]!);
            Schedule shorter = failure with { Transitions = failure.Transitions[..^1] };
            file["shards"]![0]!["failure"] = Product.Tokens.Format(shorter);
        });

        Assert.Equal(ExitCode.Usage, Run("merge", file));

        Assert.Contains("run again, execution ", Error, StringComparison.Ordinal);
        Assert.Contains(" does not show lost-wakeup but ", Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("executions", 5)]
    [InlineData("failures", 1)]
    [InlineData("cutOff", 100_000)]
    [InlineData("distinct", 100_000)]
    [InlineData("steps", -1)]
    [InlineData("shard", 3)]
    public void Counts_that_no_such_shard_can_have_are_refused(string name, int value)
    {
        string file = Change(RunShard("a", "1/2", "churn"), file => file["shards"]![0]![name] = value);

        Assert.Equal(ExitCode.Usage, Run("merge", file));

        Assert.Contains("is no whole report of shards", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused_in_one_line()
    {
        string file = RunShard("a", "1/2", "no-wakeup");
        string text = File.ReadAllText(file).TrimEnd();
        string cut = Path.Combine(Folder, "cut.json");
        for (int length = 0; length < text.Length; length += 7)
        {
            File.WriteAllText(cut, text[..length]);
            Assert.Equal(ExitCode.Usage, Run("merge", cut));
            Assert.Single(Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void Other_files_are_refused_by_name()
    {
        Assert.Equal(ExitCode.Usage, Run("merge", Path.Combine(Folder, "none.json")));
        Assert.Contains("there is no file '", Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Run("merge", Folder));
        Assert.Contains("is a folder: name the reports of shards in it", Error, StringComparison.Ordinal);
        string other = Change(RunShard("a", "1/2", "churn"), file => file["format"] = "kmaplab shards 2");
        Assert.Equal(ExitCode.Usage, Run("merge", other));
        Assert.Contains("its format is 'kmaplab shards 2'", Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("3")]
    [InlineData("-1/3")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    public void A_shard_that_cannot_be_is_refused(string shard) => AssertRefused(
        $"--shard takes K/N, part K of N, from 1/N to N/N, not '{shard}'",
        "explore", "churn", "--shard", shard, "--report", Path.Combine(Folder, "r.json"));

    [Fact]
    public void More_shards_than_pieces_are_refused() => AssertRefused(
        "--shard 1/4: 1000 executions are 2 pieces of at most 512, so there are at most 2 shards",
        "explore", "churn", "--executions", "1000", "--shard", "1/4", "--report", Path.Combine(Folder, "r.json"));

    [Fact]
    public void A_shard_needs_a_place_for_its_report() => AssertRefused(
        "--shard writes what its executions show for kmaplab merge: give --report FILE",
        "explore", "churn", "--shard", "1/4");

    [Fact]
    public void That_place_is_looked_at_before_the_work() => AssertRefused(
        $"--report '{Folder}' cannot be written: it is a folder",
        "explore", "churn", "--executions", "4000000000", "--shard", "1/4", "--report", Folder);

    [Fact]
    public void A_report_without_a_shard_is_refused() => AssertRefused(
        "--report is where the report of a shard goes: give --shard K/N as well",
        "explore", "churn", "--report", "r.json");

    [Fact]
    public void A_shard_of_a_time_is_refused() => AssertRefused(
        "--shard is part of a fixed number of executions: give --executions instead of --seconds",
        "explore", "churn", "--seconds", "1", "--shard", "1/4", "--report", Path.Combine(Folder, "r.json"));

    private static string WithoutTimes(string json)
    {
        JsonNode node = JsonNode.Parse(json)!;
        foreach (string time in s_times)
            node.AsObject().Remove(time);

        return node.ToJsonString();
    }

    private static string Change(string path, Action<JsonNode> change)
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(path))!;
        change(file);
        File.WriteAllText(path, file.ToJsonString());
        return path;
    }

    private void AssertRefusedMerge(string mine, string other, string reason)
    {
        Assert.Equal(ExitCode.Usage, Run("merge", mine, other));
        Assert.StartsWith($"kmaplab: {other} does not belong to {mine}: {reason}", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
    }

    private string[] RunShards(int shards, params string[] what) =>
        [.. Enumerable.Range(1, shards).Select(k => RunShard($"r{k}", $"{k}/{shards}", what))];

    private string RunShard(string name, string shard, params string[] what)
    {
        string path = Path.Combine(Folder, $"{name}.json");
        int code = Run(
            ["explore", .. what, "--executions", $"{Executions}", "--shard", shard, "--report", path]);
        Assert.True(code is ExitCode.Clean or ExitCode.Failure, Out + Error);
        return path;
    }
}
