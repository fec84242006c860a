using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>
/// How often strategies show something agrees with arithmetic. Seeds are fixed: this is no matter of luck.
/// </summary>
public sealed class StrategyOddsTests
{
    private const ulong Seed = 1;
    private const int Runs = 20_000;

    // Of 20,000 runs a share p has a deviation of sqrt(p (1-p) / 20000), at most 0.0036. Six of them.
    private const double Wide = 0.021;

    [Fact]
    public void A_random_walk_shows_things_as_often_as_all_its_ways_together_say()
    {
        // Lost wake-up: 1/2 that the sleeper looks first, and twice 1/2 that it then does not go on: 1/8.
        // Philosophers: any first; 2/3 that the second is none who wants the fork of the first or has it; 1/2 again.
        Check(SamplePrograms.LostWakeup(), 1.0 / 8);
        Check(SamplePrograms.Philosophers(), 1.0 / 3);
        Check(SamplePrograms.Reorder(setters: 2), 20.0 / 81);
        Check(SamplePrograms.Reorder(setters: 4), 0.199168);

        static void Check(SampleProgram program, double odds)
        {
            Assert.Equal(odds, program.RandomWalk(), 1e-6);
            Assert.InRange(program.Rate(new RandomWalkStrategy(Seed), Runs), odds - Wide, odds + Wide);
        }
    }

    [Fact]
    public void Pct_of_depth_1_preempts_nobody()
    {
        // All that needs a preemption is never shown; and a long run of one of two tasks in every second execution.
        Assert.Equal(0, SamplePrograms.LostWakeup().Rate(new PctStrategy(Seed, depth: 1), Runs));
        Assert.Equal(0, SamplePrograms.Philosophers().Rate(new PctStrategy(Seed, depth: 1), Runs));
        Assert.Equal(0, SamplePrograms.Reorder(setters: 2).Rate(new PctStrategy(Seed, depth: 1), Runs));
        Assert.InRange(SamplePrograms.LongRun().Rate(new PctStrategy(Seed, depth: 1), Runs), 0.5 - Wide, 0.5 + Wide);
    }

    [Fact]
    public void Pct_keeps_its_bound()
    {
        // At least 1 in n k^(d-1), of n tasks and k points; k is at most all steps of the program.
        Check(SamplePrograms.LostWakeup(), n: 2, k: 6, depth: 2);
        Check(SamplePrograms.LostWakeup(), n: 2, k: 6, depth: 3);
        Check(SamplePrograms.Philosophers(), n: 3, k: 12, depth: 3); // Two of the three are left once.
        Check(SamplePrograms.Reorder(setters: 2), n: 3, k: 6, depth: 2);
        Check(SamplePrograms.Reorder(setters: 4), n: 5, k: 10, depth: 2);
        Check(SamplePrograms.LongRun(), n: 2, k: 22, depth: 2);

        static void Check(SampleProgram program, int n, int k, int depth) =>
            Assert.InRange(program.Rate(new PctStrategy(Seed, depth), Runs), 1 / (n * Math.Pow(k, depth - 1)), 1);
    }

    [Fact]
    public void Pct_of_drawn_depth_loses_little_whatever_the_depth()
    {
        // One of six depths is 1, which shows the long run in one of two executions; depth 2 shows the others.
        Assert.InRange(SamplePrograms.LongRun().Rate(new PctStrategy(Seed), Runs), 0.5 / 6, 1);
        Assert.InRange(SamplePrograms.LostWakeup().Rate(new PctStrategy(Seed), Runs), 1.0 / 12 / 6, 1);
        Assert.InRange(SamplePrograms.Philosophers().Rate(new PctStrategy(Seed), Runs), 1.0 / 36 / 6, 1);
    }

    [Fact]
    public void Pos_shows_things_as_often_as_another_program_has_counted()
    {
        // Counted in 20,000 runs, so the deviation is half as great again as above.
        Check(SamplePrograms.LostWakeup(), 0.166); // 1/6.
        Check(SamplePrograms.Philosophers(), 0.199);
        Check(SamplePrograms.Reorder(setters: 2), 0.319);
        Check(SamplePrograms.Reorder(setters: 4), 0.254);
        Check(SamplePrograms.LongRun(), 1.0 / 22); // Of 22 priorities the one of the last step is the lowest.

        static void Check(SampleProgram program, double odds) =>
            Assert.InRange(program.Rate(new PosStrategy(Seed), Runs), odds - (1.5 * Wide), odds + (1.5 * Wide));
    }

    [Fact]
    public void Urw_shows_things_as_often_as_the_steps_that_are_left_say()
    {
        Check(SamplePrograms.LostWakeup(), 1.0 / 2 * 3 / 5 * 2 / 4); // 3 and 3 are left, then 2 and 3, then 2 and 2.
        Check(SamplePrograms.Philosophers(), 8.0 / 11 * 4 / 7); // 4, 4, 4; then 3, 4, 4; then 3 and 4, as one waits.
        Check(SamplePrograms.Reorder(setters: 2), 0.312); // As another program has counted in 20,000 runs.
        Check(SamplePrograms.Reorder(setters: 4), 0.236);
        Check(SamplePrograms.LongRun(), 1.0 / 22); // Of 22 places for the one step the last.

        static void Check(SampleProgram program, double odds) =>
            Assert.InRange(program.Rate(new UrwStrategy(Seed), Runs), odds - (1.5 * Wide), odds + (1.5 * Wide));
    }

    [Theory]
    [InlineData("urw")]
    [InlineData("surw")]
    public void Where_all_steps_conflict_all_interleavings_are_equally_likely(string strategy)
    {
        // 20 interleavings in 20,000 runs: 1000 each, with a deviation of 31. The first two executions of a chunk of
        // 512 are random walks, which prefer some of them: at most 2/512 of the runs, or 78.
        Dictionary<string, int> counts = Count(strategy == "urw" ? new UrwStrategy(Seed) : new SurwStrategy(Seed));

        Assert.Equal(20, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - (5 * 31), 1000 + (5 * 31) + 78));

        // And a random walk does prefer some: 1/2^3 * 1 for the first of all, 1/2^5 for those that alternate.
        Assert.InRange(Count(new RandomWalkStrategy(Seed)).Values.Max(), 2500 - 300, 2500 + 300);
    }

    internal static Dictionary<string, int> Count(SearchStrategy strategy)
    {
        var execution = new Execution(new Machine(SamplePrograms.Writers()), stepsMax: 1000);
        var counts = new Dictionary<string, int>();
        for (int number = 1; number <= Runs; number++)
        {
            execution.Run(strategy, number);
            string schedule = string.Join(' ', execution.Schedule.ToArray());
            counts[schedule] = counts.GetValueOrDefault(schedule) + 1;
        }

        return counts;
    }
}
