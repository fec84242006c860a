using System.Threading;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>What the parts of one self-check have in common.</summary>
internal sealed record SelfcheckRun(ScenarioCatalogue Catalogue, ulong Seed, int Jobs, CancellationToken Cancellation)
{
    /// <summary>The strategies that are checked.</summary>
    internal StrategyCatalogue Strategies { get; init; } = new();

    /// <summary>Random pairs of reductions on and off, and as many random programs.</summary>
    internal int Pairs { get; init; }

    /// <summary>Random programs of the oracle's language.</summary>
    internal int OraclePrograms { get; init; }

    /// <summary>Every counterexample of every part, run again.</summary>
    internal ReplayLog Replays { get; } = new();

    /// <summary>Called with what is being done, in words.</summary>
    internal Action<Func<string>> Progress { get; init; } = _ => { };

    /// <summary>
    /// Checks so many things on as many threads as wanted, and keeps what was said of each in their order; shorter than
    /// asked for if it was interrupted.
    /// </summary>
    internal List<T> ForEach<T>(string what, int count, Func<int, T> check)
        where T : class
    {
        int done = 0;
        ParallelQuery<T?> outcomes = Enumerable.Range(0, count).AsParallel().AsOrdered()
            .WithDegreeOfParallelism(Jobs)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(i => Cancellation.IsCancellationRequested ? null : check(i));
        var all = new List<T>();
        foreach (T? outcome in outcomes)
        {
            if (outcome is not null)
                all.Add(outcome);

            done++;
            Progress(() => $"{what}: {done} of {count}");
        }

        return all;
    }
}
