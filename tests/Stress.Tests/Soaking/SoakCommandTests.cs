using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Soaking;

public sealed class SoakCommandTests : CommandLineTest
{
    [Fact]
    public void A_clean_soak_tells_what_was_done()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean, "soak", "churn", "--threads", "3", "--slots", "1", "--seconds", "1");

        Assert.True(report.GetProperty("operations").GetInt64() > 0);
        Assert.Equal(3, report.GetProperty("threads").GetInt32());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("failure").ValueKind);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("recording").ValueKind);
        Assert.InRange(report.GetProperty("fairness").GetDouble(), 1.0 / 3, 1);
        Assert.Equal(JsonValueKind.Object, report.GetProperty("parameters").ValueKind);
    }

    [Fact]
    public void A_failure_is_told_with_what_everybody_waits_for()
    {
        Assert.Equal(ExitCode.Failure, Run("soak", "nested", "--seconds", "60"));

        Assert.Contains("nested: deadlock after", Out, StringComparison.Ordinal);
        Assert.Contains("2 of 2 tasks can never run again", Out, StringComparison.Ordinal);
        Assert.Contains(
            "asleep (Uninterruptible) on pkmap_map_wait, in map_new_virtual <- kmap_high <- map", Out,
            StringComparison.Ordinal);
        Assert.Contains("holds 1 mapping of page 0", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_in_json_has_the_fields_of_all_failures()
    {
        JsonElement failure = RunForJson(
            ExitCode.Failure,
            "soak", "exhaust", "--variant", "no-wakeup", "--rounds", "1", "--seconds", "60").GetProperty("failure");

        Assert.Equal("lost-wakeup", failure.GetProperty("class").GetString());
        Assert.All(
            ["message", "execution", "steps", "preemptions", "schedule", "token"],
            name => Assert.True(failure.TryGetProperty(name, out _), name));
    }

    [Fact]
    public void Interrupted_it_ends_with_the_numbers_so_far()
    {
        using var interrupt = new CancellationTokenSource();
        using var seen = new WriterThatCancels(interrupt);
        using var stdout = new StringWriter();

        int code = LabProgram.Run(
            ["soak", "churn", "--seconds", "600", "--out", Folder],
            new Terminal(stdout, seen, IsInteractive: true, Cancellation: interrupt.Token));

        Assert.Equal(ExitCode.NoAnswer, code);
        Assert.Contains("operations/s", stdout.ToString(), StringComparison.Ordinal);
        Assert.Contains("interrupted: this is what was done until then", stdout.ToString(), StringComparison.Ordinal);
        Assert.Contains("sleeps/s", seen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_race_says_how_many_tasks_it_has() => AssertRefused(
        "no-wakeup has 2 tasks, each with something of its own to do: leave --threads out",
        "soak", "no-wakeup", "--threads", "8");

    [Fact]
    public void Threads_and_tasks_are_the_same_thing() => AssertRefused(
        "'tasks' is given twice: --tasks 3 and --tasks 2",
        "soak", "churn", "--threads", "2", "--tasks", "3");

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("many")]
    public void An_impossible_number_of_threads_names_the_range(string threads) => AssertRefused(
        $"--threads takes a number from 1 to {ThreadOptions.TasksMax}, not '{threads}' "
        + "(kmaplab soak --help lists what there is)",
        "soak", "churn", "--threads", threads);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("1e3")]
    public void An_impossible_time_names_the_range(string seconds) => AssertRefused(
        $"--seconds takes a number from 0.01 to 1000000, not '{seconds}' (kmaplab soak --help lists what there is)",
        "soak", "churn", "--seconds", seconds);

    [Fact]
    public void Fewer_cpus_than_tasks_are_refused() => AssertRefused(
        "churn has 4 tasks on 2 CPUs: a thread has a CPU for itself; explore and verify can show it",
        "soak", "churn", "--cpus", "2");

    [Fact]
    public void A_race_that_needs_few_cpus_is_refused() => AssertRefused(
        "atomic-preemptible has 2 tasks on 1 CPU: a thread has a CPU for itself; explore and verify can show it",
        "soak", "atomic-preemptible");

    [Fact]
    public void A_scenario_that_has_few_cpus_unless_asked_gets_one_for_each_thread() =>
        Assert.Equal(ExitCode.Clean, Run("soak", "mixed", "--seconds", "0.1"));

    [Fact]
    public void A_race_that_needs_a_tlb_is_refused() => AssertRefused(
        "no-tlb-flush shows stale-tlb: on threads an address leads where the page table says, there is no TLB; "
        + "explore and verify can show it",
        "soak", "no-tlb-flush");

    [Theory]
    [InlineData("kmap-in-interrupt", "has the interrupt")]
    [InlineData("shootdown", "is about TLB flushes that interrupt each CPU")]
    [InlineData("chrun", "did you mean 'churn'")]
    public void What_threads_cannot_show_is_refused_in_a_sentence(string target, string why)
    {
        Assert.Equal(ExitCode.Usage, Run("soak", target));
        Assert.Contains(why, Error, StringComparison.Ordinal);
        Assert.Empty(Out);
    }

    [Fact]
    public void With_real_memory_the_testcase_prints_what_it_has_written_and_where()
    {
        SkipWithoutRealMemory();

        Assert.Equal(ExitCode.Clean, Run("soak", "testcase-kmap", "--memory", "real", "--seconds", "0.1"));

        Assert.Matches(@"^\[0x[0-9a-f]+\] BiscuitOS-TestCase_kmap\n", Out);
        Assert.Matches(@"real memory: \d+ calls of mmap\(\)", Out);
    }

    [Fact]
    public void With_real_memory_a_wrong_use_is_a_finding_and_no_crash()
    {
        SkipWithoutRealMemory();

        JsonElement report = RunForJson(
            ExitCode.Failure, "soak", "unlocked-lookup", "--memory", "real", "--jitter", "1", "--seconds", "60");

        Assert.Equal("real", report.GetProperty("memory").GetString());
    }

    [Fact]
    public void Memory_is_words_or_real() => AssertRefused(
        "--memory takes 'words' or 'real', not 'reel' (kmaplab soak --help lists what there is)",
        "soak", "churn", "--memory", "reel");

    [Fact]
    public void Jitter_needs_the_checks() => AssertRefused(
        "--jitter pauses where --bare looks at nothing: give one of them",
        "soak", "churn", "--bare", "--jitter", "1");

    private static void SkipWithoutRealMemory() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
        "real memory needs Linux on x86-64");

    private sealed class WriterThatCancels(CancellationTokenSource interrupt) : StringWriter
    {
        // The live line: somebody has seen enough.
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains("sleeps/s", StringComparison.Ordinal) == true)
                interrupt.Cancel();
        }
    }
}
