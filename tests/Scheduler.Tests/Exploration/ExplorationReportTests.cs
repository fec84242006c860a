using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>Reports of ranges can be merged in any order.</summary>
public sealed class ExplorationReportTests
{
    // Each range has executions of its own, so no two reports have the same first failure.
    private static readonly Gen<ExplorationReport[]> s_ranges = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99], Gen.Bool)
        .Array[3]
        .Select(ranges =>
            ranges.Select((range, i) => Report((i * 100) + range.Item1, range.Item2, range.Item3)).ToArray());

    [Fact]
    public void The_order_does_not_matter() =>
        s_ranges.Sample(ranges => ranges[0].Merge(ranges[1]) == ranges[1].Merge(ranges[0]));

    [Fact]
    public void Neither_does_the_grouping() =>
        s_ranges.Sample(ranges =>
            ranges[0].Merge(ranges[1]).Merge(ranges[2]) == ranges[0].Merge(ranges[1].Merge(ranges[2])));

    [Fact]
    public void Nothing_adds_nothing() =>
        s_ranges.Sample(ranges => ranges[0].Merge(new ExplorationReport()) == ranges[0]);

    private static ExplorationReport Report(int number, int steps, bool fails) => new()
    {
        Executions = 100,
        Steps = 100 * steps,
        CutOff = steps % 3,
        StepsMax = steps,
        Failures = fails ? 1 : 0,
        First = fails ? new FailedExecution(number, new Finding(FailureClass.Deadlock, "stuck"), []) : null,
    };
}
