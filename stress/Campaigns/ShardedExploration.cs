using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns;

/// <summary>An exploration in shards: those that were run, and what they say together.</summary>
/// <remarks>
/// Shards are kept by number, and totals are computed from them. So it does not matter in which order they come, a
/// repeated one changes nothing, and what was merged can be merged again. It could lie by adding up what does not
/// belong together: so everything that chooses executions must be the same, the build too; what a shard counts must
/// fit its place; and the failure that is told was run again here.
/// </remarks>
internal sealed class ShardedExploration
{
    private readonly ShardFile _file;
    private readonly string _source;
    private readonly SortedDictionary<int, (ShardResult Result, string Source)> _shards = [];

    /// <summary>What a file says.</summary>
    internal ShardedExploration(ShardFile file, string source)
    {
        _file = file;
        _source = source;
        Add(file, source);
    }

    /// <summary>The shards that are missing among those that count: up to the first that fails.</summary>
    internal IReadOnlyList<int> Missing { get; private set; } = [];

    /// <summary>Seconds that those that count took, one after the other.</summary>
    internal double Seconds { get; private set; }

    /// <summary>Adds what another file says.</summary>
    /// <exception cref="UsageException">It is of another exploration, or says something else of the same
    /// shard.</exception>
    internal void Add(ShardFile file, string source)
    {
        if (WhyOther(file) is { } reason)
            throw new UsageException($"{source} does not belong to {_source}: {reason}");

        foreach (ShardResult result in file.Shards)
        {
            if (!_shards.TryGetValue(result.Shard, out (ShardResult Result, string Source) there))
                _shards.Add(result.Shard, (result, source));
            else if (!there.Result.Says(result))
                throw new UsageException(
                    $"{source} and {there.Source} say different things of shard {result.Shard}/{_file.Of}: one of them "
                    + "was changed, or something outside the machine has changed what happens");
        }
    }

    /// <summary>All that is known, as one file.</summary>
    internal ShardFile ToFile() => _file with { Shards = [.. _shards.Values.Select(shard => shard.Result)] };

    /// <summary>
    /// What one run of all executions would have reported, as far as the shards are there: those after the first that
    /// fails do not count, unless all failures are wanted.
    /// </summary>
    internal ExplorationReport Report(Experiment experiment)
    {
        var report = new ExplorationReport();
        var missing = new List<int>();
        Seconds = 0;
        for (int number = 1; number <= _file.Of && (report.First is null || _file.KeepGoing); number++)
        {
            if (!_shards.TryGetValue(number, out (ShardResult Result, string Source) shard))
            {
                missing.Add(number);
                continue;
            }

            FailedExecution? first = report.First is null && shard.Result.Failure is { } token
                ? RunAgain(experiment, token, shard.Result.Preemptions, $"{shard.Source}: shard {number}")
                : null;
            report = report.Merge(shard.Result.Report(first));
            Seconds += shard.Result.Seconds;
        }

        Missing = missing;
        return report;
    }

    private string? WhyOther(ShardFile other)
    {
        if (other.Of != _file.Of)
            return $"it is cut into {Counted.Of(other.Of, "shard")} and not into {_file.Of}";

        if (other.Executions != _file.Executions)
            return $"it is of {Counted.Of(other.Executions, "execution")} and not of {_file.Executions}";

        if (other.KeepGoing != _file.KeepGoing)
            return "only one of them goes on after a failure";

        if ((other.Target, other.Name, other.Experiment) == (_file.Target, _file.Name, _file.Experiment))
            return null;

        Schedule mine = Product.Tokens.Parse(_file.Experiment);
        Schedule theirs = Product.Tokens.Parse(other.Experiment);
        return mine.Build != theirs.Build ? $"it is of another build ({theirs.Build:x16} and not {mine.Build:x16})"
            : mine.Seed != theirs.Seed ? $"it has seed {theirs.Seed} and not {mine.Seed}"
            : mine.Strategy != theirs.Strategy ? $"it is of strategy {theirs.Strategy} and not of {mine.Strategy}"
            : $"it is of {other.Name} ({theirs.Parameters}) and not of {_file.Name} ({mine.Parameters})";
    }

    private static FailedExecution RunAgain(Experiment experiment, string token, int preemptions, string source)
    {
        Schedule schedule = Product.Tokens.Parse(token);
        if (schedule.Verdict is not { } failure)
            throw new UsageException($"{source}: the execution that fails does not say how");

        ReplayReport again = new Replay(new Machine(experiment.Boot()))
            .Run(schedule.Transitions, failure, schedule.Loop);
        if (!again.Reproduced)
            throw new UsageException(
                $"{source}: run again, execution {schedule.Execution} does not show {failure.Name()} but "
                + $"{again.Finding?.FirstLine ?? again.Divergence?.Reason ?? "nothing"}");

        return new FailedExecution(
            schedule.Execution, again.Finding ?? new Finding(failure, schedule.Message), schedule.Transitions)
        {
            Loop = schedule.Loop,
            Preemptions = preemptions,
        };
    }
}
