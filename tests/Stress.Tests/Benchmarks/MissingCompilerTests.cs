using BenchmarkDotNet.Running;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Benchmarks.Loads;
using Kmaplab.Stress.Commands;

namespace Kmaplab.Stress.Tests.Benchmarks;

/// <summary>Without a C compiler everything else is measured, and it is said what is missing.</summary>
public sealed class MissingCompilerTests
{
    private const string Problem = "no C compiler (cc) on this machine";

    [Theory]
    [InlineData("*PairBenchmarks*")]
    [InlineData("*WakeupBenchmarks*")]
    [InlineData("*ThreadGridBenchmarks*")]
    public void The_baseline_is_left_out_with_a_notice(string filter)
    {
        (BenchmarkCase[] all, string silence) = Find(filter, null);
        (BenchmarkCase[] left, string notice) = Find(filter, Problem);

        Assert.Equal("", silence);
        Assert.Contains(all, IsC);
        Assert.Equal($"the baseline in C is left out: {Problem}{Environment.NewLine}", notice);
        Assert.Equal(all.Count(one => !IsC(one)), left.Length);
        Assert.DoesNotContain(left, IsC);
    }

    [Fact]
    public void Nothing_is_said_of_a_compiler_that_nobody_needs() =>
        Assert.Equal("", Find("*StrategyBenchmarks*", Problem).Text);

    [Fact]
    public void Nothing_but_the_baseline_is_refused_with_the_reason()
    {
        var refusal = Assert.Throws<UsageException>(() => Find("*PairBenchmarks.C*", Problem));

        Assert.Equal($"--filter '*PairBenchmarks.C*' fits only what is in C: {Problem}", refusal.Message);
    }

    private static (BenchmarkCase[] Cases, string Text) Find(string filter, string? problem)
    {
        using var text = new StringWriter();
        BenchmarkRunInfo[] found = BenchCommand.Find(filter, BenchCommand.Configure(text, "out"), problem, text);
        return ([.. found.SelectMany(family => family.BenchmarksCases)], text.ToString());
    }

    private static bool IsC(BenchmarkCase one) => NativeBaseline.IsIn(one.Descriptor.WorkloadMethod);
}
