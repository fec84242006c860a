using System.Text.Json;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Commands;

public sealed class ListingTests : CommandLineTest
{
    [Fact]
    public void Scenarios_lists_what_the_issue_asks_for()
    {
        string?[] names =
        [
            .. RunForJson(ExitCode.Clean, "scenarios")
                .GetProperty("scenarios")
                .EnumerateArray()
                .Select(scenario => scenario.GetProperty("name").GetString()),
        ];

        Assert.Empty(((string[])["testcase-kmap", "churn", "shared", "nested", "exhaust"]).Except(names));
    }

    [Fact]
    public void Races_lists_name_class_reference_and_sizes()
    {
        JsonElement races = RunForJson(ExitCode.Clean, "races").GetProperty("races");

        Assert.NotEqual(0, races.GetArrayLength());
        Assert.All(races.EnumerateArray(), race =>
        {
            foreach (string field in (string[])["name", "class", "reference"])
                Assert.NotEqual("", race.GetProperty(field).GetString());

            foreach (string field in (string[])["tasks", "slots", "pages", "cpus"])
                Assert.True(race.GetProperty(field).GetInt32() > 0);
        });
    }

    [Fact]
    public void The_matrix_of_a_race_says_what_explore_says()
    {
        JsonElement matrix = RunForJson(
            ExitCode.Clean, "races", "no-recheck", "--matrix", "--seeds", "1", "--seed", "3");
        JsonElement cells = matrix.GetProperty("matrix");

        Assert.Equal(12, cells.GetArrayLength());
        foreach (JsonElement cell in cells.EnumerateArray())
        {
            string strategy = cell.GetProperty("strategy").GetString()!;
            JsonElement report = RunForJson(
                ExitCode.Failure, "explore", "no-recheck", "--seed", "3", "--strategy", strategy);
            JsonElement failure = report.GetProperty("failure");
            Assert.Equal(failure.GetProperty("execution").GetInt64(), cell.GetProperty("median").GetInt64());
            Assert.Equal(failure.GetProperty("execution").GetInt64(), cell.GetProperty("worst").GetInt64());
        }
    }

    [Fact]
    public void The_matrix_is_a_table_a_list_and_a_picture()
    {
        Assert.Equal(ExitCode.Clean, Run("races", "no-wakeup", "--matrix", "--seeds", "2"));

        Assert.Contains("  preemptions  random  ", Out, StringComparison.Ordinal);
        Assert.Contains("\nno-wakeup ", Out, StringComparison.Ordinal);
        Assert.Equal(1 + 12, File.ReadAllLines(Path.Combine(Folder, "matrix.csv")).Length);
        string picture = File.ReadAllText(Path.Combine(Folder, "matrix.svg"));
        Assert.Contains(">no-wakeup</text>", picture, StringComparison.Ordinal);
    }

    [Fact]
    public void The_matrix_may_be_of_some_strategies_only_also_with_bounds()
    {
        JsonElement cells = RunForJson(
            ExitCode.Clean,
            "races", "no-wakeup", "--matrix", "--seeds", "1", "--strategy", "pct:2", "--strategy", "pct")
            .GetProperty("matrix");

        Assert.Equal("pct:2 pct", string.Join(' ', cells.EnumerateArray().Select(
            cell => cell.GetProperty("strategy").GetString())));
        AssertRefused(
            "the strategy random takes no number, so not 'random:2': leave it out",
            "races", "no-wakeup", "--matrix", "--strategy", "random:2");
    }

    [Fact]
    public void A_race_is_told_with_its_interleaving_in_100_columns()
    {
        Assert.Equal(ExitCode.Clean, Run("races", "no-recheck"));

        Assert.All(Out.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Contains("step task 0", Out, StringComparison.Ordinal);
        Assert.Contains("kmaplab explore no-recheck", Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scenarios")]
    [InlineData("races")]
    [InlineData("races", "nested-exhaustion")]
    public void The_same_call_writes_the_same_bytes(params string[] args)
    {
        Assert.Equal(ExitCode.Clean, Run(args));
        string first = Out;

        Assert.Equal(ExitCode.Clean, Run(args));

        Assert.Equal(first, Out);
    }

    [Fact]
    public void The_tour_finds_and_replays_all_races_and_writes_its_page()
    {
        JsonElement tour = RunForJson(ExitCode.Clean, "tour");

        Assert.True(tour.GetProperty("ok").GetBoolean());
        Assert.All(tour.GetProperty("races").EnumerateArray(), race =>
        {
            Assert.True(race.GetProperty("found").GetBoolean());
            Assert.True(race.GetProperty("reproduced").GetBoolean());
            Assert.True(race.GetProperty("minimalProved").GetBoolean());
            Assert.True(File.Exists(race.GetProperty("schedule").GetString()));
            Assert.True(File.Exists(race.GetProperty("report").GetString()));
        });
        Assert.All(tour.GetProperty("verified").EnumerateArray(), check =>
            Assert.Equal("verified", check.GetProperty("verdict").GetString()));
        string page = File.ReadAllText(Path.Combine(Folder, "index.html"));
        Assert.Contains("no-recheck", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("1 preemption, 23 steps (proved)", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"no-recheck.html\">", page, StringComparison.Ordinal);
        Assert.True(tour.GetProperty("sizes").GetProperty("ok").GetBoolean());
        Assert.Empty(tour.GetProperty("matrix").GetProperty("untested").EnumerateArray());
    }
}
