using System.Text.Json;
using Kmaplab.Stress.Speeds;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Speeds;

/// <summary>Programs are run and asked for their speed.</summary>
public sealed class SpeedsCommandTests : CommandLineTest
{
    [Fact]
    public void This_build_is_measured_in_a_process_of_its_own()
    {
        Assert.Equal(0, Run("speeds", "--filter", "start", "--runs", "1", "--json"));

        using var report = JsonDocument.Parse(Out);
        JsonElement speed = Assert.Single(report.RootElement.GetProperty("speeds").EnumerateArray());
        Assert.Equal("Milliseconds", speed.GetProperty("unit").GetString());
        JsonElement own = Assert.Single(speed.GetProperty("builds").EnumerateArray());
        Assert.InRange(own.GetProperty("median").GetDouble(), 1, double.MaxValue);
    }

    [Fact]
    public void Both_kinds_of_searches_say_how_fast_they_were()
    {
        string[] size = ["churn", "--tasks", "2", "--slots", "2", "--pages", "2"];
        LabBuild build = LabBuild.Own(Folder);
        foreach ((SpeedUnit unit, string command) in new[]
        {
            (SpeedUnit.Steps, "explore"), (SpeedUnit.Transitions, "verify"),
        })
        {
            var search = new SearchSpeed(command, unit, [command, .. size]);
            Assert.InRange(
                build.Measure(search, TestContext.Current.CancellationToken) ?? -1, double.Epsilon, double.MaxValue);
        }
    }

    [Fact]
    public void A_search_that_a_build_does_not_know_is_not_measured() => Assert.Null(
        LabBuild.Own(Folder).Measure(
            new SearchSpeed("unknown", SpeedUnit.Steps, ["explore", "no-such-scenario"]),
            TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("--against: nothing.dll is no file; name the kmaplab.dll of another build", "--against", "nothing.dll")]
    [InlineData("--runs takes a number from 1 to 1000, not '0'", "--runs", "0")]
    [InlineData("--filter 'fast' fits no search: there is start: ", "--filter", "fast")]
    public void What_cannot_be_measured_is_said(string message, string option, string value)
    {
        Assert.Equal(2, Run("speeds", option, value));
        Assert.Contains(message, Error, StringComparison.Ordinal);
    }
}
