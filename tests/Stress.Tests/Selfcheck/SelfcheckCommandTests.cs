using System.Text.Json;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Tests.Commands;

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
            ["oracle", "conformance", "detectors", "reductions", "reductions-programs", "replays"], checks.Select(check => check.GetProperty("name").GetString()));
        Assert.All(checks, check =>
        {
            Assert.True(check.GetProperty("passed").GetBoolean());
            Assert.NotEqual(0, check.GetProperty("checked").GetInt32());
            Assert.NotEqual("", check.GetProperty("detail").GetString());
            Assert.Empty(check.GetProperty("problems").EnumerateArray());
        });
    }

    [Fact]
    public void Interrupted_it_has_no_answer()
    {
        using var stdout = new StringWriter();
        var terminal = new Terminal(stdout, TextWriter.Null, Cancellation: new System.Threading.CancellationToken(canceled: true));

        Assert.Equal(ExitCode.NoAnswer, LabProgram.Run(["selfcheck", "--out", Folder], terminal));
        Assert.Contains("interrupted", stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_pairs_at_all_are_refused() =>
        AssertRefused("--pairs takes a number from 1 to 1000000, not '0' (kmaplab selfcheck --help lists what there is)", "selfcheck", "--pairs", "0");
}
