using System.Text.Json;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>The schedule that verify reports is one of everybody's machine, whatever the search has left out.</summary>
public sealed class VerifyCommandTests : CommandLineTest
{
    // It takes 41 steps at least.
    [Theory]
    [InlineData("--jobs", "1")]
    [InlineData("--jobs", "3")]
    [InlineData("--no-fusion")]
    [InlineData("--no-symmetry")]
    [InlineData("--exact")]
    public void The_shortest_schedule_has_the_fewest_preemptions_however_it_was_searched_for(params string[] how)
    {
        JsonElement failure = RunForJson(ExitCode.Failure, ["verify", "exclusive-waiters", .. how])
            .GetProperty("failure");

        Assert.Equal("lost-wakeup", failure.GetProperty("class").GetString());
        Assert.Equal(41, failure.GetProperty("steps").GetInt32());
        Assert.Equal(2, failure.GetProperty("preemptions").GetInt32());
        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("schedule").GetString()!));
    }
}
