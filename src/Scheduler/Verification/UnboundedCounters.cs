using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>Notices a state space that is not finite, and names what makes it so.</summary>
/// <remarks>A number in memory or in a local that has reached a new maximum in so many levels only counts.</remarks>
internal sealed class UnboundedCounters(MachineImage image)
{
    private const int GrowthsMax = 128;
    private const int SuspiciousGrowths = 8;
    private const int StacksMax = 200_000;

    private readonly Counter[] _words = [.. image.Memory.Select(word => new Counter { Largest = GrowthWatch.Magnitude(word) })];
    private readonly SortedDictionary<string, Counter> _locals = new(StringComparer.Ordinal);
    private readonly MemoryRegion[] _numbers =
    [
        .. image.Regions.Where(region => region.Sort == WordSort.Number && region.Role != RegionRole.Hardware && region.Start != image.Mmu.FrameBase),
    ];

    private int _looks;

    /// <summary>Looks at what was reached in one more level; what grows for ever, in words, or null.</summary>
    internal string? Find(SearchWorker[] workers, FrameStore frames)
    {
        _looks++;
        foreach (SearchWorker worker in workers)
            LookAtMemory(worker.Growth.Largest);

        LookAtLocals(frames);
        if (FastestGrowing(GrowthsMax + 1) is { } counter)
            return counter;

        return frames.Count > StacksMax
            ? Suspect() ?? $"{frames.MostCommonFunction()}() keeps locals of which there are ever new values ({frames.Count} distinct stacks)"
            : null;
    }

    /// <summary>What looks as if it grew for ever, although not long enough to be sure; null if nothing does.</summary>
    internal string? Suspect() => FastestGrowing(SuspiciousGrowths);

    private void LookAtMemory(ReadOnlySpan<int> largest)
    {
        foreach (MemoryRegion region in _numbers)
        {
            for (int word = region.Start; word < Math.Min(region.Start + region.Length, largest.Length); word++)
                _words[word].Look(largest[word], _looks);
        }
    }

    private void LookAtLocals(FrameStore frames)
    {
        foreach ((string name, long largest) in frames.LargestLocals())
        {
            if (!_locals.TryGetValue(name, out Counter? counter))
                _locals.Add(name, counter = new Counter { Largest = largest });

            counter.Look(largest, _looks);
        }
    }

    /// <summary>Of the counters that have grown so often, and have not stopped to, the one that has most often.</summary>
    private string? FastestGrowing(int growthsMin)
    {
        (string Name, Counter Counter)? fastest = null;
        foreach ((string name, Counter counter) in _locals.Select(local => (local.Key, local.Value)).Concat(Words()))
        {
            bool isGrowing = counter.Growths >= growthsMin && _looks - counter.LastGrowth <= 2 * _looks / counter.Growths;
            if (isGrowing && counter.Growths > (fastest?.Counter.Growths ?? 0))
                fastest = (name, counter);
        }

        return fastest is { } found ? $"{found.Name} keeps growing (now {found.Counter.Largest})" : null;
    }

    private IEnumerable<(string Name, Counter Counter)> Words() =>
        _numbers.SelectMany(region => Enumerable.Range(region.Start, region.Length)).Where(word => _words[word].Growths > 0)
            .Select(word => (image.NameOf(word), _words[word]));

    private sealed class Counter
    {
        internal long Largest { get; set; }

        internal int Growths { get; private set; }

        /// <summary>The look at which it was found to have grown last.</summary>
        internal int LastGrowth { get; private set; }

        internal void Look(long largest, int look)
        {
            if (largest <= Largest)
                return;

            Largest = largest;
            Growths += LastGrowth == look ? 0 : 1; // Several threads may have seen it grow.
            LastGrowth = look;
        }
    }
}
