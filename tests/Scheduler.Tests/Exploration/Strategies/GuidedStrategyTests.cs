using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>Going back to states that were visited seldom.</summary>
public sealed class GuidedStrategyTests
{
    private const ulong Seed = 1;
    private const int Chunks = 39;

    [Fact]
    public void It_reaches_what_a_walk_from_the_start_does_not()
    {
        // Ten rounds of two, and all but the last choice must be right: 1 in 2^19 for a walk, so that 39 chunks of 512
        // executions show it with a probability of 39 * 512 / 2^19 = 0.04.
        SampleProgram ladder = SamplePrograms.Ladder(rounds: 10);
        Assert.Equal(1.0 / (1 << 19), ladder.RandomWalk(), 1e-12);
        Assert.Equal(0, ladder.Rate(new RandomWalkStrategy(Seed), Chunks * SearchStrategy.ChunkSize));

        // From a state on the way one of two executions comes a step further, so each 512 come up 19 of them.
        Assert.Equal(Chunks, ChunksThatShow(ladder, new GuidedStrategy(Seed)));
    }

    [Fact]
    public void The_first_of_a_chunk_is_a_random_walk_or_a_sampling_of_partial_orders()
    {
        // The one shows a lost wake-up in 1/8 of its executions, the other in 1/6, so both together in 7/48.
        // Of 20,000 runs that share has a deviation of sqrt(7/48 * 41/48 / 20000) = 0.0025. Six of them.
        const int Runs = 20_000;
        SampleProgram program = SamplePrograms.LostWakeup();
        var machine = new Machine(program.Image);
        var execution = new Execution(machine, stepsMax: 1000);
        var strategy = new GuidedStrategy(Seed);
        int shown = 0;
        for (long chunk = 0; chunk < Runs; chunk++)
        {
            execution.Run(strategy, (chunk * SearchStrategy.ChunkSize) + 1);
            shown += program.Shows(machine) ? 1 : 0;
        }

        Assert.InRange((double)shown / Runs, (7.0 / 48) - 0.015, (7.0 / 48) + 0.015);
    }

    [Fact]
    public void What_it_finds_is_a_whole_schedule_from_the_boot()
    {
        var options = new ExplorerOptions { Executions = SearchStrategy.ChunkSize };
        MachineImage image = SamplePrograms.Ladder(rounds: 10, fails: true).Image;

        FailedExecution found = new Explorer(image, () => new GuidedStrategy(Seed), options)
            .Run(TestContext.Current.CancellationToken).First!;

        Assert.Equal(FailureClass.Assertion, found.Finding.Class);
        Assert.Equal(20, found.Schedule.Length); // Each of two tasks ten times.
        Assert.True(new Replay(new Machine(image)).Run(found.Schedule, FailureClass.Assertion).Reproduced);
    }

    [Fact]
    public void Its_executions_say_nothing_about_rates()
    {
        var strategy = new GuidedStrategy(Seed);

        Assert.False(strategy.IsIndependent);
        Assert.False(strategy.IsRepresentative);
        Assert.False(new AutoStrategy(Seed).IsRepresentative);
        Assert.True(new PosStrategy(Seed).IsRepresentative);
    }

    [Fact]
    public void The_least_visited_of_four_that_are_drawn_is_begun_from()
    {
        // One of four states was visited once, the others twice: it is among four drawn with 1 - (3/4)^4 = 0.6836.
        // Of 20,000 draws that has a deviation of sqrt(0.68 * 0.32 / 20000) = 0.0033. Six of them.
        const int Draws = 20_000;
        var random = new Pcg32(Seed, 1);
        var archive = new WayArchive();
        for (int state = 1; state <= 4; state++)
        {
            for (int visit = state == 1 ? 1 : 0; visit < 2; visit++)
                archive.Visit(StateOf(state), [Transition.Step(state)], ref random);
        }

        int seldom = 0;
        for (int draw = 0; draw < Draws; draw++)
            seldom += archive[archive.DrawLeastVisited(4, ref random)][0].Subject == 1 ? 1 : 0;

        double odds = 1 - Math.Pow(3.0 / 4, 4);
        Assert.InRange((double)seldom / Draws, odds - 0.02, odds + 0.02);
    }

    [Fact]
    public void It_keeps_so_many_ways_at_most_and_none_that_is_too_long()
    {
        var random = new Pcg32(Seed, 1);
        var archive = new WayArchive();
        archive.Visit(StateOf(1), new Transition[WayArchive.StepsMax + 1], ref random);
        Assert.Equal(0, archive.Count);

        for (int state = 2; state < 100_000; state++)
            archive.Visit(StateOf(state), [Transition.Step(0)], ref random);

        Assert.Equal(WayArchive.WaysMax, archive.Count);
        archive.Clear();
        Assert.Equal(0, archive.Count);
    }

    private static ulong StateOf(int state) => (ulong)state * 0x9E37_79B9_7F4A_7C15;

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
