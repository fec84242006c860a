using System.Text.Json;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Modules;

/// <summary>The modules under samples/, which people copy.</summary>
public sealed class SampleTests : CommandLineTest
{
    [Theory]
    [InlineData("KmapModule", "copy-page")]
    [InlineData("KmapModule", "copy-page", "--variant", "early-lookup")]
    [InlineData("OwnSubsystem", "stack")]
    [InlineData("OwnSubsystem", "completion")]
    public void What_is_right_in_a_sample_is_verified(string module, params string[] what)
    {
        JsonElement report = RunForJson(ExitCode.Clean, ["verify", .. what, "--module", FileOf(module)]);

        Assert.Equal("verified", report.GetProperty("verdict").GetString());
        JsonElement shadowed = RunForJson(
            ExitCode.Clean, ["verify", .. what, "--module", FileOf(module), "--shadow"]);
        foreach (string count in (string[])["verdict", "states", "transitions"])
            Assert.Equal(report.GetProperty(count).GetRawText(), shadowed.GetProperty(count).GetRawText());
    }

    [Fact]
    public void A_detector_of_a_sample_watches_what_is_run_with_its_module()
    {
        string module = FileOf("KmapModule");
        JsonElement listed = RunForJson(ExitCode.Clean, "scenarios", "--module", module).GetProperty("detectors");
        Assert.Equal("free-frame-mapped", Assert.Single(listed.EnumerateArray()).GetProperty("name").GetString());

        JsonElement failure = RunForJson(ExitCode.Failure, "explore", "map-freed", "--module", module)
            .GetProperty("failure");
        JsonElement verified = RunForJson(ExitCode.Failure, "verify", "map-freed", "--module", module)
            .GetProperty("failure");

        Assert.Equal(
            ("use-after-free", "use-after-free"),
            (failure.GetProperty("class").GetString(), verified.GetProperty("class").GetString()));
        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("schedule").GetString()!, "--module", module));
        JsonElement clean = RunForJson(
            ExitCode.Clean, "explore", "testcase-kmap", "--executions", "100", "--module", module);
        Assert.Empty(clean.GetProperty("untestedDetectors").EnumerateArray()); // It is what finds map-freed.
    }

    [Theory]
    [InlineData("KmapModule", "count-before-lock-race", "data-race")]
    [InlineData("OwnSubsystem", "stack-aba-reuse", "assertion")]
    [InlineData("OwnSubsystem", "completion-missed", "lost-wakeup")]
    public void A_race_in_a_sample_is_found_verified_as_one_and_replayed(string module, string race, string expected)
    {
        JsonElement explored = RunForJson(ExitCode.Failure, "explore", race, "--module", FileOf(module))
            .GetProperty("failure");
        JsonElement verified = RunForJson(ExitCode.Failure, "verify", race, "--module", FileOf(module))
            .GetProperty("failure");

        Assert.Equal(
            (expected, expected),
            (explored.GetProperty("class").GetString(), verified.GetProperty("class").GetString()));
        Assert.Equal(
            ExitCode.Clean,
            Run("replay", explored.GetProperty("schedule").GetString()!, "--module", FileOf(module)));
        Assert.Equal(
            ExitCode.Clean,
            Run("replay", verified.GetProperty("schedule").GetString()!, "--module", FileOf(module)));
    }

    [Fact]
    public void A_parameter_of_a_samples_own_is_set_on_the_command_line_and_kept_in_its_schedules()
    {
        string module = FileOf("OwnSubsystem");
        Assert.Equal(ExitCode.Clean, Run("verify", "stack", "--set", "nodes=2", "--module", module));
        Assert.StartsWith("stack --tasks 2 --set nodes=2: verified: ", Out, StringComparison.Ordinal);

        string[] aba = ["verify", "stack-aba", "--set", "nodes=2", "--module", module];
        JsonElement failure = RunForJson(ExitCode.Failure, aba).GetProperty("failure");
        string schedule = failure.GetProperty("schedule").GetString()!;

        Assert.Contains("set: nodes=2\n", File.ReadAllText(schedule), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", schedule, "--module", module));
        Assert.Contains("1 of 2 nodes are on the stack at the end", Out, StringComparison.Ordinal);
        AssertRefused(
            "--set nodes=9 is impossible: stack takes 2 to 8",
            "verify",
            "stack",
            "--set",
            "nodes=9",
            "--module",
            module);
    }

    private static string FileOf(string module) => Path.Combine(AppContext.BaseDirectory, $"{module}.dll");
}
