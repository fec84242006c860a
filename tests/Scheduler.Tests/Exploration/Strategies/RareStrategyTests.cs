using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>Going back to where shared memory was as it seldom is.</summary>
public sealed class RareStrategyTests
{
    private const ulong Seed = 1;
    private const int Chunks = 20;

    [Fact]
    public void It_climbs_where_every_second_try_comes_a_step_further()
    {
        // Ten rounds of two, and all but the last choice between the two who climb must be right: 1 in 2^19 for a
        // walk, so that 20 chunks of 512 executions show it with a probability of 20 * 512 / 2^19 = 0.02.
        SampleProgram stair = SamplePrograms.Stair(rounds: 10);
        Assert.Equal(1.0 / (1 << 19), stair.RandomWalk(), 1e-12);
        Assert.Equal(0, stair.Rate(new RandomWalkStrategy(Seed), Chunks * SearchStrategy.ChunkSize));

        // Of 512 executions 7 in 10 go back: 358. They go to where fewest have been, which is as high as anybody
        // came, and half of them come a step higher: two for each of 19 steps. Where two failed in a row, one time in
        // four, the places below have to be tried again before: 20 more at most. So 19 * (2 + 20/4) = 133 are enough
        // on average, and at least half of the chunks must show it.
        Assert.InRange(ChunksThatShow(stair, new RareStrategy(Seed)), Chunks / 2, Chunks);
    }

    [Fact]
    public void Where_tasks_stand_makes_no_difference_to_it()
    {
        // A third task stands at one of 41 places meanwhile: 41 times as many states as contents of memory.
        SampleProgram stair = SamplePrograms.Stair(rounds: 10);

        int guided = ChunksThatShow(stair, new GuidedStrategy(Seed));

        Assert.True(guided < Chunks / 2, $"{guided} of {Chunks}");
    }

    [Fact]
    public void Of_several_ways_to_a_place_any_is_kept()
    {
        // The last of four stays in the place of those before it in 1/4 of all cases, as does each of them.
        // Of 20,000 tries that has a deviation of sqrt(1/4 * 3/4 / 20000) = 0.0031. Six of them.
        const int Tries = 20_000;
        var random = new Pcg32(Seed, 1);
        var archive = new WayArchive();
        int[] kept = new int[5];
        for (int tries = 0; tries < Tries; tries++)
        {
            archive.Clear();
            for (int way = 1; way <= 4; way++)
                archive.Visit(state: 1, [Transition.Step(way)], ref random, draws: true);

            kept[archive[0][0].Subject]++;
        }

        Assert.All(kept[1..], count => Assert.InRange((double)count / Tries, 0.25 - 0.02, 0.25 + 0.02));
    }

    [Fact]
    public void Its_executions_say_nothing_about_rates()
    {
        var strategy = new RareStrategy(Seed);

        Assert.False(strategy.IsIndependent);
        Assert.False(strategy.IsRepresentative);
    }

    private static int ChunksThatShow(SampleProgram program, SearchStrategy strategy)
    {
        var machine = new Machine(program.Image);
        var execution = new Execution(machine, stepsMax: 1000);
        var shown = new HashSet<long>();
        for (long number = 1; number <= Chunks * SearchStrategy.ChunkSize; number++)
        {
            execution.Run(strategy, number);
            if (program.Shows(machine))
                shown.Add((number - 1) / SearchStrategy.ChunkSize);
        }

        return shown.Count;
    }
}
