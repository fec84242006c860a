using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>Finds where named parts of memory belong on a machine.</summary>
internal static class StartMemory
{
    /// <summary>A copy of a machine's memory with other words in it; all else is as booted.</summary>
    /// <exception cref="UsageException">The machine has no such part.</exception>
    internal static int[] Of(MachineImage image, IReadOnlyList<NamedWords> words)
    {
        int[] memory = [.. image.Memory];
        foreach ((NamedWords part, MemoryRegion? region) in Pair(image, words))
        {
            if (region is not null)
                part.Words.ToArray().CopyTo(memory, region.Start);
            else if (part.Words.Any(word => word != 0))
                throw new UsageException(
                    $"{image.Options.Name} has no {part.Name} of {part.Words.Count} words, with which the recording "
                    + "begins: it was recorded with another one");
        }

        return memory;
    }

    /// <summary>
    /// Each part with the region of its name and length; of several with one name, the first with the first. Null for
    /// what is laid out otherwise there, such as a lock, which is free while everybody stands still.
    /// </summary>
    internal static IEnumerable<(NamedWords Part, MemoryRegion? Region)> Pair(
        MachineImage image, IReadOnlyList<NamedWords> words)
    {
        Dictionary<(string, int), Queue<MemoryRegion>> regions = image.Regions
            .GroupBy(region => (region.Name, region.Length))
            .ToDictionary(group => group.Key, group => new Queue<MemoryRegion>(group));
        foreach (NamedWords part in words)
        {
            MemoryRegion? region = null;
            if (regions.TryGetValue((part.Name, part.Words.Count), out Queue<MemoryRegion>? alike))
                alike.TryDequeue(out region);

            yield return (part, region);
        }
    }
}
