using System.Threading;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Tests.Processes;

/// <summary>Another program is run to its end, or ended.</summary>
public sealed class ChildProcessTests
{
    [Fact]
    public void What_it_says_and_its_code_come_back()
    {
        (int Code, string Output, string Errors)? run = Shell("echo said; echo complained >&2; exit 3", timeMax: null);

        Assert.Equal((3, "said\n", "complained\n"), run);
    }

    [Fact]
    public void A_program_that_is_not_there_is_no_failure() =>
        Assert.Null(ChildProcess.Run(
            "there-is-no-such-program",
            [],
            Path.GetTempPath(),
            timeMax: null,
            TestContext.Current.CancellationToken));

    [Fact]
    public void One_that_takes_too_long_is_ended_with_all_that_it_has_started()
    {
        // Whoever were left would keep what they say open, and this would not come back.
        TimeoutException exception = Assert.Throws<TimeoutException>(() =>
            Shell("sleep 1000 & sleep 1000", TimeSpan.FromMilliseconds(50)));

        Assert.Equal("sh takes more than 0.05 s", exception.Message);
    }

    [Fact]
    public void One_that_nobody_waits_for_any_more_is_ended()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            ChildProcess.Run("sleep", ["1000"], Path.GetTempPath(), TimeSpan.FromHours(1), source.Token));
    }

    private static (int Code, string Output, string Errors)? Shell(string script, TimeSpan? timeMax) => ChildProcess.Run(
        "sh", ["-c", script], Path.GetTempPath(), timeMax, TestContext.Current.CancellationToken);
}
