using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Adds up what reports say, for those who watch; what is told at the end is computed anew from all.</summary>
internal sealed class CampaignTally
{
    private readonly HashSet<string> _fingerprints = [];
    private readonly Dictionary<string, Prefix> _targets = [];

    /// <summary>Executions that were sampled.</summary>
    internal long Executions { get; private set; }

    /// <summary>States that were searched.</summary>
    internal long States { get; private set; }

    /// <summary>How many kinds of failure were found.</summary>
    internal int Fingerprints => _fingerprints.Count;

    /// <summary>Adds the report of a piece, once.</summary>
    internal void Add(PieceFacts facts)
    {
        Executions += facts.Executions;
        States += facts.States;
        if (facts.Fingerprint is { } fingerprint)
            _fingerprints.Add(fingerprint);

        if (facts.Shard is not { } shard)
            return;

        if (!_targets.TryGetValue(shard.Target, out Prefix? target))
            _targets.Add(shard.Target, target = new Prefix(shard.Of));

        target.Add(shard);
    }

    /// <summary>How likely a failure can still be where none was found; null if nothing can be said of it.</summary>
    internal RiskBound? Risk()
    {
        long[] without = [.. _targets.Values.Where(target => target is { Failures: 0, Ended: > 0 })
            .Select(target => target.Ended)];
        return without.Length == 0 ? null : new RiskBound(Estimates.AtMost(without.Min()), without.Length);
    }

    /// <summary>An exploration, and how much of it is known from its beginning on without a gap.</summary>
    /// <remarks>
    /// Which shards are there may depend on what they show: one that fails takes longer. So a bound may count only
    /// those before the first that is missing. It is false only if all of the first 3/p executions are without a
    /// failure that has the probability p, however it was chosen when to look.
    /// </remarks>
    private sealed class Prefix(int shards)
    {
        private readonly long?[] _ended = new long?[shards];
        private int _next;

        internal long Ended { get; private set; }

        internal long Failures { get; private set; }

        internal void Add(ShardFacts shard)
        {
            _ended[shard.Number - 1] = shard.Ended;
            Failures += shard.Failures;
            while (_next < _ended.Length && _ended[_next] is { } ended)
            {
                Ended += ended;
                _next++;
            }
        }
    }
}

/// <summary>How likely a failure can be that nothing has shown.</summary>
/// <param name="AtMost">In an execution of the target of which the least is known, with 95 % confidence.</param>
/// <param name="Targets">Of how many targets, all without a failure, that one is.</param>
internal sealed record RiskBound(double AtMost, int Targets);
