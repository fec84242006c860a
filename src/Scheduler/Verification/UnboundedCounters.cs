using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Notices a state space that is not finite, and names what makes it so.</summary>
/// <remarks>A number in memory that has reached a new maximum in so many levels only counts; so do locals of which there are ever new ones.</remarks>
internal sealed class UnboundedCounters(MachineImage image)
{
    private const int GrowthsMax = 128;
    private const int StacksMax = 200_000;

    private readonly int[] _largest = [.. image.Memory];
    private readonly int[] _growths = new int[image.Memory.Length];
    private readonly MemoryRegion[] _numbers =
    [
        .. image.Regions.Where(region => region.Sort == WordSort.Number && region.Start < image.StackBase && region.Name is not ("tasks" or "memory")),
    ];

    /// <summary>Looks at what was reached in one more level; what grows for ever, in words, or null.</summary>
    internal string? Find(SearchWorker[] workers, FrameStore frames)
    {
        if (frames.Count > StacksMax)
            return $"{frames.MostCommonFunction()}() keeps locals of which there are ever new values ({frames.Count} distinct stacks)";

        foreach (MemoryRegion region in _numbers)
        {
            for (int word = region.Start; word < region.Start + region.Length; word++)
            {
                if (HasGrown(workers, word) && ++_growths[word] > GrowthsMax)
                    return $"{image.NameOf(word)} keeps growing (now {_largest[word]})";
            }
        }

        return null;
    }

    private bool HasGrown(SearchWorker[] workers, int word)
    {
        bool hasGrown = false;
        foreach (SearchWorker worker in workers)
        {
            ReadOnlySpan<int> largest = worker.Growth.Largest;
            if (word < largest.Length && largest[word] > _largest[word])
            {
                _largest[word] = largest[word];
                hasGrown = true;
            }
        }

        return hasGrown;
    }
}
