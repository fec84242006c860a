using System.Text.Json;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Selfcheck;
using Kmaplab.Stress.Selfcheck.Sections;
using Kmaplab.Stress.Tests.Commands;
using Kmaplab.Stress.Tests.Modules;

namespace Kmaplab.Stress.Tests.Selfcheck;

/// <summary>A small sample of what <c>selfcheck</c> does, and how it tells.</summary>
public sealed class SelfcheckCommandTests : CommandLineTest
{
    [Fact]
    public void A_fixed_sample_of_all_checks_holds()
    {
        int code = Run("selfcheck", "--pairs", "6", "--programs", "20", "--jobs", "1");

        Assert.True(code == ExitCode.Clean, Out + Error);
        Assert.Contains("All checks hold", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_tells_every_check_whether_it_passed_and_what_it_was()
    {
        JsonElement report = RunForJson(0, "selfcheck", "--pairs", "1", "--programs", "0", "--jobs", "2");

        JsonElement[] checks = [.. report.GetProperty("checks").EnumerateArray()];
        Assert.Equal(
            ["oracle", "conformance", "detectors", "strategies", "reductions", "reductions-programs", "replays"],
            checks.Select(check => check.GetProperty("name").GetString()));
        Assert.All(checks, check =>
        {
            Assert.True(check.GetProperty("passed").GetBoolean());
            Assert.NotEqual(0, check.GetProperty("checked").GetInt32());
            Assert.NotEqual("", check.GetProperty("detail").GetString());
            Assert.Empty(check.GetProperty("problems").EnumerateArray());
        });
    }

    [Fact]
    public void A_strategy_that_finds_nothing_is_told_as_untested()
    {
        var catalogue = new ScenarioCatalogue(typeof(Churn<>).Assembly);
        var run = new SelfcheckRun(catalogue, Seed: 1, Jobs: 1, TestContext.Current.CancellationToken)
        {
            Strategies = new StrategyCatalogue(typeof(Backwards).Assembly),
        };
        SectionResult result = new StrategiesSection().Run(run);

        Assert.False(result.Passed);
        Assert.Contains(
            "backwards is untested: explore no-recheck --strategy backwards --seed 1 finds nothing in 10000 "
            + "executions; "
            + "the first 512 have 1 distinct orders of conflicting steps",
            result.Problems);
        Assert.Contains("beyond is untested: the strategy 'beyond' picks 2, but there are 0 to 1", result.Problems);
        Assert.DoesNotContain(result.Problems, problem => problem.StartsWith("pct ", StringComparison.Ordinal));
    }

    [Fact]
    public void Interrupted_it_has_no_answer()
    {
        using var stdout = new StringWriter();
        var terminal = new Terminal(
            stdout,
            TextWriter.Null,
            Cancellation: new System.Threading.CancellationToken(canceled: true));

        Assert.Equal(ExitCode.NoAnswer, LabProgram.Run(["selfcheck", "--out", Folder], terminal));
        Assert.Contains("interrupted", stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_pairs_at_all_are_refused() =>
        AssertRefused(
            "--pairs takes a number from 1 to 1000000, not '0' (kmaplab selfcheck --help lists what there is)",
            "selfcheck",
            "--pairs",
            "0");
}
