using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>Into how many shards an exploration is cut, so that each takes some seconds.</summary>
/// <remarks>
/// By steps, which are the same on every machine: with time, two machines would cut one plan in two ways.
/// </remarks>
internal static class ShardSize
{
    private const long StepsEach = 12_000_000; // Of a shard: seconds for one thread, by the strategy.
    private const int Sampled = 4;
    private const int StepsMax = 100_000; // Where an execution is cut off.
    private const int ComparedOfAll = 2048;

    /// <summary>The number of shards, for so many executions.</summary>
    internal static int Of(Experiment experiment, long executions)
    {
        var execution = new Execution(new Machine(experiment.Boot()), StepsMax);
        var strategy = new RandomWalkStrategy(seed: 1);
        long steps = 1;
        for (int number = 1; number <= Sampled; number++)
        {
            execution.Run(strategy, number);
            steps += execution.Steps;
        }

        long chunks = Chunks(executions);
        long chunksEach = Math.Max(1, StepsEach * Sampled / (steps * SearchStrategy.ChunkSize));
        return (int)Math.Min(int.MaxValue, (chunks + chunksEach - 1) / chunksEach);
    }

    /// <summary>The most shards that there can be.</summary>
    internal static int Most(long executions) => (int)Math.Min(int.MaxValue, Chunks(executions));

    /// <summary>How many executions of each shard are compared with those of all others.</summary>
    internal static int Compared(int shards) =>
        Math.Clamp(ComparedOfAll / shards, 2, SearchStrategy.ChunkSize);

    private static long Chunks(long executions) =>
        (executions + SearchStrategy.ChunkSize - 1) / SearchStrategy.ChunkSize;
}
