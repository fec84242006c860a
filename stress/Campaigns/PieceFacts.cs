namespace Kmaplab.Stress.Campaigns;

/// <summary>What the report of a piece says to those who only watch.</summary>
internal sealed record PieceFacts
{
    /// <summary>Executions that were sampled.</summary>
    internal long Executions { get; init; }

    /// <summary>States that were searched.</summary>
    internal long States { get; init; }

    /// <summary>The fingerprint of the failure that was found; null if there is none.</summary>
    internal string? Fingerprint { get; init; }

    /// <summary>Of which exploration it is a part; null if it is of none from which anything follows.</summary>
    internal ShardFacts? Shard { get; init; }
}

/// <summary>A shard of executions that are drawn independently of each other.</summary>
/// <param name="Target">What is the same for all shards of an exploration.</param>
/// <param name="Number">Which shard, from 1, of how many.</param>
/// <param name="Of">Of how many.</param>
/// <param name="Ended">Executions that were not cut off.</param>
/// <param name="Failures">Those of them that failed.</param>
internal sealed record ShardFacts(string Target, int Number, int Of, long Ended, long Failures);
