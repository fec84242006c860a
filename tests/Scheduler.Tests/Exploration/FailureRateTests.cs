using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

public sealed class FailureRateTests
{
    // (share + z^2/2n -+ z sqrt(share(1-share)/n + z^2/4n^2)) / (1 + z^2/n) with z = 1.959964, by hand.
    [Theory]
    [InlineData(8, 1540, 0.002634, 0.010217)]
    [InlineData(1, 10, 0.017876, 0.404150)]
    [InlineData(0, 100, 0, 0.036993)]
    [InlineData(100, 100, 0.963007, 1)]
    public void The_interval_is_that_of_Wilson(long failures, long executions, double atLeast, double atMost)
    {
        var rate = new FailureRate(failures, executions, IsIndependent: true);

        Assert.Equal(atLeast, rate.AtLeast, 5);
        Assert.Equal(atMost, rate.AtMost, 5);
    }

    [Fact]
    public void So_many_executions_show_it_again_that_all_of_them_miss_it_once_in_a_hundred_times()
    {
        Assert.Equal(7, new FailureRate(1, 2, true).ToReproduce); // 2^-7 is below 1/100, 2^-6 is not.
        Assert.Equal(1, new FailureRate(5, 5, true).ToReproduce);
        Assert.Null(new FailureRate(0, 5, true).ToReproduce);
    }

    // Two tasks read a word and write one more: 4 of the 6 orders of four steps lose one. A walk at random starts with
    // either; then the first goes on with 1/2, in which case nothing is lost: 1/2 of all.
    [Fact]
    public void It_is_counted_rightly_and_the_same_for_any_number_of_threads()
    {
        FailureRate one = Measure(1);
        FailureRate two = Measure(2);

        Assert.Equal(one, two);
        Assert.Equal(5000, one.Executions);
        Assert.InRange(one.Share, 0.46, 0.54); // Four deviations of sqrt(0.25 / 5000) are 0.028.
    }

    private static FailureRate Measure(int jobs) => FailureRate.Measure(
        LosesAnUpdate,
        () => new RandomWalkStrategy(1),
        FailureClass.Assertion,
        after: 3,
        executions: 5000,
        jobs,
        TestContext.Current.CancellationToken)!;

    private static MachineImage LosesAnUpdate() => SmallMachine.Boot(2, boot =>
    {
        var word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        for (int task = 0; task < 2; task++)
        {
            boot.Spawn("test", async () =>
            {
                int value = await word.ReadOnce();
                await word.WriteOnce(value + 1);
            });
        }

        boot.AtEnd(() => word.Peek == 2 ? null : new Finding(FailureClass.Assertion, "an update was lost"));
    });
}
