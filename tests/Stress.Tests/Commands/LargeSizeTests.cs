using System.Text.Json;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>More tasks than a proof takes.</summary>
public sealed class LargeSizeTests : CommandLineTest
{
    private static readonly string[] s_large = ["--tasks", "300", "--slots", "16", "--pages", "300", "--rounds", "1"];

    [Fact]
    public void The_port_shows_nothing_among_hundreds_of_tasks()
    {
        JsonElement report = RunForJson(ExitCode.Clean, ["explore", "churn", .. s_large, "--executions", "2"]);

        Assert.Equal(2, report.GetProperty("executions").GetInt64());
        Assert.Equal(0, report.GetProperty("cutOff").GetInt64());
    }

    [Theory]
    [InlineData("random")]
    [InlineData("pct")]
    [InlineData("pos")]
    [InlineData("urw")]
    [InlineData("surw")]
    [InlineData("delay")]
    [InlineData("preemptions")]
    [InlineData("starve")]
    [InlineData("kinds")]
    [InlineData("guided")]
    [InlineData("rare")]
    [InlineData("auto")]
    public void Every_strategy_runs_among_more_tasks_than_a_proof_takes(string strategy)
    {
        JsonElement report = RunForJson(
            ExitCode.Clean,
            "explore", "churn", "--tasks", "80", "--slots", "8", "--pages", "80", "--rounds", "1",
            "--strategy", strategy, "--executions", "2");

        Assert.Equal(2, report.GetProperty("executions").GetInt64());
    }

    [Fact]
    public void A_failure_among_hundreds_of_tasks_runs_again_from_its_token()
    {
        JsonElement found = RunForJson(
            ExitCode.Failure, ["explore", "churn", .. s_large, "--variant", "no-wakeup", "--no-minimize"])
            .GetProperty("failure");

        JsonElement replay = RunForJson(ExitCode.Clean, "replay", found.GetProperty("token").GetString()!);

        Assert.True(replay.GetProperty("reproduced").GetBoolean());
        Assert.Equal(found.GetProperty("message").GetString(), replay.GetProperty("message").GetString());
    }

    [Fact]
    public void Of_hundreds_that_are_stuck_only_the_first_are_told_one_by_one()
    {
        JsonElement failure = RunForJson(
            ExitCode.Failure, "explore", "nested", "--tasks", "100", "--no-minimize").GetProperty("failure");

        string[] lines = failure.GetProperty("message").GetString()!.Split('\n');
        Assert.Equal("100 of 100 tasks can never run again: unsatisfied wait", lines[0]);
        Assert.Equal(64, lines.Count(line => line.Contains(" asleep ", StringComparison.Ordinal)));
        Assert.Contains("  and 36 more", lines);
    }

    [Fact]
    public void Its_smallest_form_is_one_of_few_tasks()
    {
        Assert.Equal(ExitCode.Failure, Run(["explore", "churn", .. s_large, "--variant", "no-wakeup"]));

        Assert.Contains("--tasks 2 ", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_says_how_many_tasks_it_takes()
    {
        Assert.Equal(ExitCode.Usage, Run(["verify", "churn", .. s_large]));
        Assert.Contains("exhaustive search takes up to 64", Error, StringComparison.Ordinal);
    }
}
