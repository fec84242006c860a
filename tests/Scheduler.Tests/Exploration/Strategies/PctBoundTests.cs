using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

public sealed class PctBoundTests
{
    private const ulong Seed = 1;

    private static readonly ExplorationReport s_clean = new() { Executions = 1024, StepsMax = 10 };

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(2, 0.05)]
    [InlineData(3, 0.005)]
    public void It_is_1_in_n_k_to_the_depth_less_1(int depth, double atLeast)
    {
        PctBound bound = Assert.Single(PctBound.Of(new PctStrategy(Seed, depth), Boot(new MachineOptions()), s_clean));

        Assert.Equal(atLeast, bound.AtLeast, 12);
        Assert.Equal(1022, bound.Executions); // Two have no other before them.
        Assert.Equal(Math.Pow(1 - atLeast, 1022), bound.MissedAtMost, 12);
    }

    [Fact]
    public void A_depth_that_is_drawn_is_the_right_one_in_one_of_six_executions() => Assert.Equal(
        [1.0 / 12, 1.0 / 120, 1.0 / 1200],
        PctBound.Of(new PctStrategy(Seed), Boot(new MachineOptions()), s_clean).Select(bound => bound.AtLeast));

    [Fact]
    public void None_is_stated_where_it_does_not_hold()
    {
        Assert.Empty(Of(s_clean with { Failures = 1 }));
        Assert.Empty(Of(s_clean with { CutOff = 1 }));
        Assert.Empty(Of(s_clean with { StepsMax = 4097 })); // The rest of it was a walk at random.
        Assert.Empty(Of(s_clean with { Executions = 1 }));
        Assert.Empty(PctBound.Of(new PctStrategy(Seed, 2), Boot(new MachineOptions { Cpus = 1 }), s_clean));
        Assert.Empty(PctBound.Of(new RandomWalkStrategy(Seed), Boot(new MachineOptions()), s_clean));

        static PctBound[] Of(ExplorationReport report) =>
            PctBound.Of(new PctStrategy(Seed, 2), Boot(new MachineOptions()), report);
    }

    private static MachineImage Boot(MachineOptions options) => SmallMachine.Boot(
        2,
        boot =>
        {
            boot.Spawn("first", async () => await KernelStep.Done);
            boot.Spawn("second", async () => await KernelStep.Done);
        },
        options);
}
