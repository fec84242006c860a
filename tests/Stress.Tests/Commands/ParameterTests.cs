using System.Text.Json;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>Parameters that a module declares and nobody else knows.</summary>
public sealed class ParameterTests : CommandLineTest
{
    private static readonly string s_module = typeof(ParameterTests).Assembly.Location;

    [Fact]
    public void A_parameter_decides_what_is_explored_and_what_is_verified()
    {
        Assert.Equal(ExitCode.Clean, Told("explore"));
        Assert.Equal(ExitCode.Clean, Told("verify", "--set", "buckets=2"));
        Assert.StartsWith("table --tasks 2 --set add=1 --set buckets=2: verified: ", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, Told("explore", "--set", "buckets=1"));
        Assert.Equal(ExitCode.Failure, Told("verify", "--set", "buckets=1"));
        Assert.Equal(ExitCode.Clean, Told("verify", "--set", "buckets=1", "--set", "add=0"));
    }

    [Theory]
    [InlineData("explore")]
    [InlineData("verify")]
    public void A_failure_with_a_parameter_is_replayed_with_it_from_its_file_and_from_its_token(string command)
    {
        JsonElement failure = Json(ExitCode.Failure, command, "table", "--set", "buckets=1", "--set", "add=-3")
            .GetProperty("failure");

        foreach (string kept in (string[])["schedule", "token"])
        {
            Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty(kept).GetString()!, "--module", s_module));
            Assert.Contains("2 tasks have added -3 each, and one is lost", Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_race_says_its_parameters_and_whoever_asks_for_others_gets_these()
    {
        Json(ExitCode.Failure, "explore", "table-crowded");
        Json(ExitCode.Clean, "explore", "table-crowded", "--set", "buckets=8", "--executions", "100");
    }

    [Fact]
    public void Reports_have_all_that_was_told_and_the_list_says_what_can_be()
    {
        JsonElement explored = Json(ExitCode.Clean, "explore", "table", "--set", "buckets=8", "--executions", "10");
        JsonElement verified = Json(ExitCode.Clean, "verify", "table", "--set", "buckets=8");
        JsonElement listed = Json(ExitCode.Clean, "scenarios").GetProperty("scenarios").EnumerateArray()
            .Single(scenario => scenario.GetProperty("name").GetString() == "table").GetProperty("parameters");

        const string Told = """{"tasks":2,"add":1,"buckets":8}""";
        Assert.Equal(Told, explored.GetProperty("parameters").GetRawText());
        Assert.Equal(Told, verified.GetProperty("parameters").GetRawText());
        Assert.Equal(
            """{"name":"buckets","summary":"Buckets of the table","default":4,"range":"1 to 64, a power of two"}""",
            listed.EnumerateArray().Last().GetRawText());
    }

    [Fact]
    public void People_are_told_what_a_scenario_of_a_module_takes()
    {
        Assert.Equal(ExitCode.Clean, Run("scenarios", "--module", s_module));

        Assert.Contains("buckets=4", Out, StringComparison.Ordinal);
        Assert.Contains("Buckets of the table: 1 to 64, a power of two", Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "--set bukets=4: table has no parameter 'bukets', did you mean 'buckets'? (it takes tasks, add, buckets)",
        "--set", "bukets=4")]
    [InlineData("--set slots=4: table has no parameter 'slots' (it takes tasks, add, buckets)", "--set", "slots=4")]
    [InlineData("--set buckets=128 is impossible: table takes 1 to 64", "--set", "buckets=128")]
    [InlineData("--set buckets=6 is no power of two (1, 2, 4 ... 64)", "--set", "buckets=6")]
    [InlineData("--set buckets takes a number from 1 to 64, not 'many'", "--set", "buckets=many")]
    [InlineData("--set takes a name and a value like 'tasks=2', not 'buckets'", "--set", "buckets")]
    [InlineData("--set takes a name and a value like 'tasks=2', not 'buckets='", "--set", "buckets=")]
    [InlineData("--set takes a name and a value like 'tasks=2', not '=4'", "--set", "=4")]
    [InlineData(
        "'buckets' is given twice: --set buckets=2 and --set buckets=2",
        "--set", "buckets=2", "--set", "buckets=2")]
    [InlineData("'tasks' is given twice: --tasks 2 and --set tasks=3", "--set", "tasks=3", "--tasks", "2")]
    public void What_a_scenario_does_not_take_is_refused(string message, params string[] options)
    {
        AssertRefused(message, ["explore", "table", .. options, "--module", s_module]);
        AssertRefused(message, ["verify", "table", .. options, "--module", s_module]);
    }

    [Fact]
    public void A_schedule_that_does_not_say_all_that_its_scenario_takes_or_says_more_is_not_run()
    {
        JsonElement failure = Json(ExitCode.Failure, "explore", "table-crowded").GetProperty("failure");
        string path = failure.GetProperty("schedule").GetString()!;
        Schedule schedule = Product.Files.Load(path);

        void AssertNotRun(string message, params ParameterValue[] values)
        {
            Product.Files.Save(path, schedule with { Parameters = new Parameters(values) });
            AssertRefused(message, "replay", path, "--module", s_module);
        }

        ParameterValue[] all = [.. schedule.Parameters.Values];
        Assert.Equal([new("tasks", "2"), new("add", "1"), new("buckets", "1")], all);
        AssertNotRun(
            "the schedule does not say 'buckets', which table takes: it was recorded with another table", all[..2]);
        AssertNotRun(
            "the schedule says shelves=1: table has no parameter 'shelves' (it takes tasks, add, buckets)",
            [.. all, new("shelves", "1")]);
        AssertNotRun(
            "the schedule's buckets=3 is no power of two (1, 2, 4 ... 64)", [.. all[..2], new("buckets", "3")]);
        AssertNotRun(
            "the schedule's buckets takes a number from 1 to 64, not 'few'", [.. all[..2], new("buckets", "few")]);
    }

    private int Told(string command, params string[] options) =>
        Run([command, "table", .. options, "--module", s_module]);

    private JsonElement Json(int code, params string[] args) => RunForJson(code, [.. args, "--module", s_module]);
}
