using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>How executions are shared among strategies.</summary>
public sealed class AutoStrategyTests
{
    [Fact]
    public void Every_strategy_of_the_library_gets_a_part_of_a_chunk()
    {
        Dictionary<string, int> shares = SharesIn(SamplePrograms.Reorder(setters: 4).Image);

        Assert.Equal(SearchStrategy.ChunkSize, shares.Values.Sum());
        Assert.Equal(
            "delay kinds pct pos preemptions random starve surw urw",
            string.Join(' ', shares.Keys.Order(StringComparer.Ordinal)));

        // Two of five are the first one's. Of the rest who has the least weight gets at least 0.2 in 5.4, times what is
        // left of a weight if nothing new is shown: 512 * 3/5 * 0.2 / 5.4 * 0.2 = 2.
        Assert.Equal((2 * SearchStrategy.ChunkSize / 5) + 1, shares["kinds"]);
        Assert.All(shares.Values, share => Assert.True(share >= 2, $"{share}"));
    }

    [Fact]
    public void Who_shows_more_that_is_new_gets_more()
    {
        // Of very many interleavings a random walk hardly shows one twice; who makes few preemptions, or none, does.
        Dictionary<string, int> shares = SharesIn(SamplePrograms.Writers(tasks: 3, writes: 6));
        Dictionary<string, int> alike = SharesIn(SamplePrograms.LongRun().Image); // All are of one kind there.

        Assert.True((double)shares["random"] / shares["delay"] > (double)alike["random"] / alike["delay"]);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void From_the_fourth_on_every_second_chunk_goes_back_to_what_is_rare(int chunk, bool isRare)
    {
        string[] shown = Run(new AutoStrategy(seed: 1));
        string[] rare = Run(new RareStrategy(seed: 1));

        Assert.Equal(isRare, shown.SequenceEqual(rare));

        string[] Run(SearchStrategy strategy)
        {
            var execution = new Execution(new Machine(SamplePrograms.Writers(tasks: 3)), stepsMax: 1000);
            var schedules = new List<string>();
            for (int number = 1; number <= 40; number++)
            {
                execution.Run(strategy, ((chunk - 1) * SearchStrategy.ChunkSize) + number);
                schedules.Add(string.Join(' ', execution.Schedule.ToArray()));
            }

            return [.. schedules];
        }
    }

    private static Dictionary<string, int> SharesIn(MachineImage image)
    {
        var auto = new AutoStrategy(seed: 1);
        var execution = new Execution(new Machine(image), stepsMax: 1000);
        for (int number = 1; number <= SearchStrategy.ChunkSize; number++)
            execution.Run(auto, number);

        return auto.Shares.ToDictionary(share => share.Name, share => share.Executions);
    }
}
