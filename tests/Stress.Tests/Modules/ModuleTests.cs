using System.Text.Json;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Modules;

public sealed class ModuleTests : CommandLineTest
{
    private static readonly string s_module = typeof(ModuleTests).Assembly.Location;

    [Fact]
    public void A_scenario_of_a_module_is_listed_explored_and_replayed()
    {
        JsonElement scenarios = RunForJson(ExitCode.Clean, "scenarios", "--module", s_module).GetProperty("scenarios");
        Assert.Contains(
            "forgetful",
            scenarios.EnumerateArray().Select(scenario => scenario.GetProperty("name").GetString()));

        JsonElement failure = RunForJson(ExitCode.Failure, "explore", "forgetful", "--module", s_module)
            .GetProperty("failure");
        Assert.Equal("leak", failure.GetProperty("class").GetString());

        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("schedule").GetString()!, "--module", s_module));
    }

    [Fact]
    public void What_grows_for_long_and_stops_is_warned_of_and_verified_under_its_name_alone()
    {
        Assert.Equal(ExitCode.Clean, Run("verify", "counter", "--module", s_module));

        Assert.StartsWith("counter: verified: ", Out, StringComparison.Ordinal);
        Assert.Contains(
            "kmaplab: counter: perhaps not finite-state: count keeps growing (0 to 1",
            Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_gives_up_repeats_what_grows()
    {
        Assert.Equal(ExitCode.NoAnswer, Run("verify", "counter", "--max-states", "150", "--module", s_module));

        Assert.StartsWith(
            "counter: inconclusive: more than 150 states; perhaps not finite-state: count keeps growing (0 to 1",
            Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_race_that_does_not_say_what_would_be_right_has_no_line_for_it()
    {
        Assert.Equal(ExitCode.Clean, Run("races", "forgets", "--module", s_module));

        Assert.Contains("The task ends without having unmapped its page.", Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Fix:", Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Reference:", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_of_a_module_that_was_not_given_is_refused()
    {
        string schedule = RunForJson(ExitCode.Failure, "explore", "forgetful", "--module", s_module)
            .GetProperty("failure")
            .GetProperty("schedule")
            .GetString()!;

        AssertRefused(
            $"there is no scenario 'forgetful' here: the schedule was made with {Path.GetFileName(s_module)}, so say "
            + "with --module where that is",
            "replay",
            schedule);
    }

    [Fact]
    public void What_a_failure_says_to_run_names_the_modules_and_works()
    {
        Assert.Equal(ExitCode.Failure, Run("explore", "forgetful", "--module", s_module));
        const string Says = "To run it again: kmaplab ";
        string command = Out.Split('\n')
            .Single(line => line.StartsWith(Says, StringComparison.Ordinal))[Says.Length..]
            .Trim();

        Assert.Equal(ExitCode.Clean, Run(command.Split(' ')));
    }

    [Fact]
    public void A_schedule_of_a_scenario_without_pages_can_be_replayed()
    {
        string schedule = RunForJson(ExitCode.Failure, "explore", "pageless", "--tasks", "2", "--module", s_module)
            .GetProperty("failure")
            .GetProperty("schedule")
            .GetString()!;

        Assert.Equal(ExitCode.Clean, Run("replay", schedule, "--module", s_module));
    }

    [Fact]
    public void A_strategy_of_a_module_is_asked_for_by_its_name()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean, "explore", "churn", "--executions", "10", "--strategy", "backwards", "--module", s_module);

        Assert.Equal("backwards", report.GetProperty("strategy").GetString());
        Assert.False(report.GetProperty("strategyTested").GetBoolean()); // It runs one task after the other.
        Assert.Contains("UNTESTED: backwards does not find queue-after-unlock either", Error, StringComparison.Ordinal);
        AssertRefused(
            "the strategy 'beyond' picks 4, but there are 0 to 3",
            "explore", "churn", "--strategy", "beyond", "--module", s_module);
        AssertRefused(
            "Kmaplab.Stress.Tests.Modules.Seedless in Kmaplab.Stress.Tests cannot be a strategy: it must be a "
            + "SearchStrategy with a public constructor that takes the seed, a ulong",
            "explore", "churn", "--strategy", "seedless", "--module", s_module);
    }

    [Fact]
    public void A_detector_that_finds_nothing_in_its_module_is_told_as_untested()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean, "explore", "churn", "--executions", "10", "--module", s_module);

        Assert.Equal("blind", Assert.Single(report.GetProperty("untestedDetectors").EnumerateArray()).GetString());
        Assert.Contains("UNTESTED: the detector blind has found nothing", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_of_which_a_part_is_missing_is_no_finding() =>
        AssertRefused(
            "task 0 (loader): it needs what is not there: could not load the assembly 'part'",
            "explore",
            "incomplete",
            "--module",
            s_module);
}
