using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>The shards of one target, by one strategy from one seed, and what they say together.</summary>
internal sealed class SampledTarget
{
    private const double CurveStep = 1.2; // Of a hundred points no one sees more than of some.

    private readonly Piece _piece; // Any of them.
    private readonly PieceReport?[] _shards;

    /// <param name="shards">All pieces of it in their order, with the reports that there are.</param>
    internal SampledTarget(IReadOnlyList<(Piece Piece, PieceReport? Report)> shards)
    {
        _piece = shards[0].Piece;
        _shards = [.. shards.OrderBy(shard => shard.Piece.Shard).Select(shard => shard.Report)];
    }

    /// <summary>Those that are there, together.</summary>
    internal TargetRow Row(StrategyCatalogue strategies)
    {
        Schedule booted = Product.Tokens.Parse(_piece.Experiment);
        SearchStrategy made = strategies.Strategy(booted.Strategy).Create(booted.Seed);
        PieceReport[] done = [.. _shards.OfType<PieceReport>()];
        bool isWhole = done.Length == _shards.Length;
        ExplorationReport sum = done.Aggregate(
            new ExplorationReport(), (all, shard) => all.Merge(shard.Explored!.Report(first: null)));
        Dictionary<ulong, long> counts = CountsOf(done);
        sum = sum with { Distinct = counts.Count, Classes = isWhole ? Classes(counts, sum.Compared) : null };
        return new TargetRow(
            NameOf(_piece),
            booted.Strategy,
            booted.Seed,
            _piece.Experiment,
            _piece.Seconds,
            _shards.Length,
            done.Length,
            sum.Executions,
            sum.Steps,
            sum.CutOff,
            sum.StepsMax,
            sum.Failures,
            sum.Compared,
            sum.Distinct,
            Curve(done),
            Estimates.Classes(sum, made.IsIndependent, goesOn: true),
            isWhole ? Estimates.Of(sum, made, booted.Strategy) : null,
            [.. done.Select(shard => shard.Failure?.Fingerprint).OfType<string>().Distinct()]);
    }

    // The name of a piece goes on with the strategy.
    private static string NameOf(Piece piece) => piece.Name[..piece.Name.LastIndexOf(
        $", {Product.Tokens.Parse(piece.Experiment).Strategy}, ", StringComparison.Ordinal)];

    // Of one shard alone the first half of its executions is compared with the second, otherwise those of the first
    // shards with those of the others. Both halves are settled before anything is run.
    private ClassSample? Classes(Dictionary<ulong, long> counts, long compared)
    {
        if (_shards is [{ Explored: { } alone }])
            return alone.Classes is { } own ? new ClassSample(own.Executions, own.Once, own.Later, own.NewLater) : null;

        PieceReport[] early = [.. _shards[..(_shards.Length / 2)].OfType<PieceReport>()];
        Dictionary<ulong, long> known = CountsOf(early);
        long earlyExecutions = known.Values.Sum();
        long old = known.Keys.Sum(each => counts[each] - known[each]);
        long later = compared - earlyExecutions;
        return later == 0
            ? null
            : new ClassSample(compared, counts.Values.Count(count => count == 1), later, later - old);
    }

    // Within the first shard as that has noted it, from there on at the end of each. So it is the same whoever has run
    // what, and whatever is missing.
    private static DiscoveryPoint[] Curve(PieceReport[] done)
    {
        var points = new List<DiscoveryPoint>();
        var known = new HashSet<ulong>();
        long compared = 0;
        for (int i = 0; i < done.Length; i++)
        {
            known.UnionWith(done[i].CountsByClass().Keys);
            compared += done[i].Explored!.Compared;
            if (i == 0)
                points.AddRange(done[i].Explored!.Curve ?? []);
            else if (i == done.Length - 1 || compared >= CurveStep * points[^1].Executions)
                points.Add(new DiscoveryPoint(compared, known.Count));
        }

        return [.. points];
    }

    private static Dictionary<ulong, long> CountsOf(PieceReport[] shards)
    {
        var counts = new Dictionary<ulong, long>();
        foreach ((ulong code, long count) in shards.SelectMany(shard => shard.CountsByClass()))
            counts[code] = counts.GetValueOrDefault(code) + count;

        return counts;
    }
}
