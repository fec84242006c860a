using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Tests.Exploration.Strategies;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>How many classes there were after how many executions.</summary>
public sealed class DiscoveryCurveTests
{
    [Fact]
    public void It_has_a_point_at_each_power_of_two_and_one_at_the_end()
    {
        // Three writes of each of two tasks to one word: 20 interleavings, none like another, of which a random walk
        // misses the rarest, of 1/32, in 600 executions with a probability of (31/32)^512, or 9e-8, each.
        ExplorationReport whole = Explore(executions: 600, jobs: 1);
        DiscoveryPoint[] points = [.. whole.Curve!.Points];

        Assert.Equal(
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], points.Select(point => point.Executions));
        Assert.Equal(1, points[0].Distinct);
        Assert.Equal(20, points[^1].Distinct);
        Assert.Equal(points.OrderBy(point => point.Distinct), points);
        Assert.All(points, point => Assert.InRange(point.Distinct, 1, point.Executions));
        Assert.Equal(whole.Distinct, points[^1].Distinct);
        Assert.Equal([1, 2, 4, 5], Explore(executions: 5, jobs: 1).Curve!.Points.Select(point => point.Executions));
    }

    [Fact]
    public void It_is_the_same_for_any_number_of_jobs()
    {
        DiscoveryCurve one = Explore(executions: 2000, jobs: 1).Curve!;

        Assert.Equal(one, Explore(executions: 2000, jobs: 3).Curve!);
        Assert.NotEqual(one, Explore(executions: 200, jobs: 1).Curve!);
        Assert.Null(new ExplorationReport().Curve);
    }

    private static ExplorationReport Explore(long executions, int jobs) => new Explorer(
        SamplePrograms.Writers(),
        () => new RandomWalkStrategy(1),
        new ExplorerOptions { Executions = executions, Jobs = jobs, WarmUpSteps = 0 }).Run(
            TestContext.Current.CancellationToken);
}
