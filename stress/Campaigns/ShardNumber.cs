using System.Globalization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Campaigns;

/// <summary>A part of an exploration: number K of N, from 1.</summary>
/// <remarks>
/// The parts are runs of whole chunks of executions, and what a chunk shows depends on its number only. So a part shows
/// on any machine what it would have shown among all.
/// </remarks>
internal sealed record ShardNumber(int Number, int Of)
{
    /// <summary>3/100.</summary>
    /// <exception cref="UsageException">It is no such thing.</exception>
    internal static ShardNumber Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int of)
            && number >= 1
            && number <= of
            ? new ShardNumber(number, of)
            : throw new UsageException($"--shard takes K/N, part K of N, from 1/N to N/N, not '{text}'");
    }

    /// <summary>What this part of an exploration runs.</summary>
    internal ExplorerOptions Part(ExplorerOptions all)
    {
        (long first, long count) = Chunks(all.Executions);
        return all with { FirstChunk = first, Chunks = count };
    }

    /// <summary>The first of its chunks, and how many there are.</summary>
    /// <exception cref="UsageException">There are fewer chunks than parts.</exception>
    internal (long First, long Count) Chunks(long executions)
    {
        const int Size = SearchStrategy.ChunkSize;
        long all = (executions + Size - 1) / Size;
        if (Of > all)
            throw new UsageException(
                $"--shard {this}: {Counted.Of(executions, "execution")} are {Counted.Of(all, "piece")} of at most "
                + $"{Size}, so there are at most {Counted.Of(all, "shard")}");

        long first = (long)((Int128)all * (Number - 1) / Of);
        return (first, (long)((Int128)all * Number / Of) - first);
    }

    /// <summary>How many executions it has.</summary>
    internal long Executions(long all)
    {
        (long first, long count) = Chunks(all);
        return Math.Min(all, (first + count) * SearchStrategy.ChunkSize) - (first * SearchStrategy.ChunkSize);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Of}";
}
