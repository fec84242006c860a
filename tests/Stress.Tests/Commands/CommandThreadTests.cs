using System.Threading;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Processes;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Tests.Modules;

namespace Kmaplab.Stress.Tests.Commands;

public sealed class CommandThreadTests : CommandLineTest
{
    private static readonly string s_module = typeof(CommandThreadTests).Assembly.Location;

    [Fact]
    public void A_task_that_loops_without_awaiting_anything_is_named_and_left()
    {
        Looping.Goes = true;
        try
        {
            AssertRefused(
                "task 0 (looper) of looping does not come back from its step: it loops or waits without awaiting an "
                + "operation of the kernel, so no other task can run; "
                + "await each turn of the loop",
                "verify", "looping", "--module", s_module);
        }
        finally
        {
            Looping.Goes = false; // Its thread is left behind, and ends now.
        }
    }

    [Theory]
    [InlineData("explore")]
    [InlineData("verify")]
    public void Functions_that_call_each_other_without_end_are_refused(string command) =>
        AssertRefused(
            "task 0 (recurser): its functions call each other without end, or so deep that the stack is full: bound "
            + "the recursion (a kernel's own stack has 4 or 8 KiB)",
            command,
            "recursing",
            "--module",
            s_module);

    [Theory]
    [InlineData(900, 900, 20, false)]
    [InlineData(1000, 750, 5, true)]
    // It has not computed: somebody else had the processor, or the process was stopped.
    [InlineData(5000, 100, 100, false)]
    [InlineData(60_000, 60_000, 2, false)] // Nobody looked: the process was stopped.
    [InlineData(10_000, 0, 50, true)] // It waits for something.
    public void A_step_is_over_due_only_when_it_had_its_chance(int ms, int computedMs, int looks, bool isStuck) =>
        Assert.Equal(
            isStuck,
            Watchdog.IsStuck(TimeSpan.FromMilliseconds(ms), TimeSpan.FromMilliseconds(computedMs), looks));

    [Fact]
    public void What_a_command_throws_comes_out_as_it_is()
    {
        var thrown = new InvalidOperationException("no");

        Assert.Same(
            thrown,
            Assert.Throws<InvalidOperationException>(() =>
                new CommandThread().Run(() => throw thrown, CancellationToken.None)));
    }

    [Theory]
    [InlineData("oracle")]
    [InlineData("replay")]
    public void A_pipe_that_nobody_writes_is_left_when_interrupted(string command)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There are no such pipes here.");

        string pipe = Pipe("pipe");
        using var interrupt = new CancellationTokenSource();
        interrupt.Cancel();
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();

        int code = LabProgram.Run([command, pipe], new Terminal(stdout, stderr, Cancellation: interrupt.Token));

        Assert.Equal(ExitCode.NoAnswer, code);
        Assert.Equal($"kmaplab: interrupted before there was anything to tell{Environment.NewLine}", stderr.ToString());
        // So that the reader, if it came so far, goes on.
        using FileStream writer = new(pipe, FileMode.Open, FileAccess.Write);
    }

    [Fact]
    public void Of_a_folder_only_files_are_compared()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There are no such pipes here.");

        Pipe("one.jsonl");
        File.CreateSymbolicLink(Path.Combine(Folder, "two.jsonl"), "/dev/zero");

        AssertRefused($"{Folder}: the folder has no .jsonl or .jsonl.gz file", "conform", Folder);
    }

    [Theory]
    [InlineData("oracle", "larger than 64 MiB")]
    [InlineData("replay", "is not a schedule: it is larger than 64 MiB")]
    [InlineData("conform", "line is longer than 67108864 bytes")]
    public void What_never_ends_is_not_read_for_ever(string command, string problem)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There is no such device here.");

        Assert.Equal(ExitCode.Usage, Run(command, "/dev/zero"));

        Assert.EndsWith(problem, Error.TrimEnd(), StringComparison.Ordinal);
    }

    private string Pipe(string name)
    {
        string path = Path.Combine(Folder, name);
        ChildProcess.Run("mkfifo", [path], Folder, timeMax: null, TestContext.Current.CancellationToken);
        return path;
    }
}
