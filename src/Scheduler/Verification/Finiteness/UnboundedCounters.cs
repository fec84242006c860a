using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>Notices that a state space may not be finite, and names what makes it so.</summary>
/// <remarks>
/// Only a number in memory or in a local that has left its range in so many levels counts. Growing is no proof: a
/// counter may stop at any height. So nothing is stopped because of it, and a search that ends has its verdict.
/// </remarks>
internal sealed class UnboundedCounters(MachineImage image)
{
    private const int GrowthsMax = 128;
    private const int SuspiciousGrowths = 8;
    private const int StacksMax = 200_000;

    private readonly Counter[] _words = [.. image.Memory.Select(word => new Counter(new ValueRange(word, word)))];
    private readonly SortedDictionary<string, Counter> _locals = new(StringComparer.Ordinal);
    private readonly MemoryRegion[] _numbers =
    [
        .. image.Regions.Where(region =>
            region.Sort == WordSort.Number && region.Role != RegionRole.Hardware && region.Start != image.Mmu.FrameBase
        ),
    ];

    private int _looks;

    /// <summary>Looks at what was reached in one more level.</summary>
    internal void Look(IEnumerable<GrowthWatch> memories, IStackCensus stacks)
    {
        _looks++;
        foreach (GrowthWatch memory in memories)
            LookAtMemory(memory);

        foreach ((string name, ValueRange range) in stacks.RangesOfLocals())
        {
            if (!_locals.TryGetValue(name, out Counter? counter))
                _locals.Add(name, counter = new Counter(range));

            counter.Look(range, _looks);
        }
    }

    /// <summary>What has grown for so long that it may do so for ever, in words; null if nothing has.</summary>
    internal string? Find(IStackCensus stacks) => FastestGrowing(GrowthsMax + 1) ?? (stacks.Count > StacksMax
        ? Suspect() ?? $"{stacks.MostCommonFunction()}() keeps locals of which there are ever new values "
            + $"({stacks.Count} distinct stacks so far)"
        : null);

    /// <summary>What looks as if it grew for ever, although not for long; null if nothing does.</summary>
    internal string? Suspect() => FastestGrowing(SuspiciousGrowths);

    /// <summary>Writes what was noticed.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_looks);
        foreach (Counter counter in _words)
            counter.Save(writer);

        writer.Write(_locals.Count);
        foreach ((string name, Counter counter) in _locals)
        {
            writer.Write(name);
            counter.Save(writer);
        }
    }

    /// <summary>Reads what was written.</summary>
    internal void Load(BinaryReader reader)
    {
        _looks = reader.ReadInt32();
        foreach (Counter counter in _words)
            counter.Load(reader);

        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            var counter = new Counter(default);
            _locals.Add(reader.ReadString(), counter);
            counter.Load(reader);
        }
    }

    private void LookAtMemory(GrowthWatch growth)
    {
        foreach (MemoryRegion region in _numbers)
        {
            for (int word = region.Start; word < Math.Min(region.Start + region.Length, _words.Length); word++)
                _words[word].Look(growth[word], _looks);
        }
    }

    /// <summary>
    /// Of the counters that have grown so often, and have not stopped to, the one that has most often.
    /// </summary>
    private string? FastestGrowing(int growthsMin)
    {
        (string Name, Counter Counter)? fastest = null;
        foreach ((string name, Counter counter) in _locals.Select(local => (local.Key, local.Value)).Concat(Words()))
        {
            bool isGrowing =
                counter.Growths >= growthsMin && _looks - counter.LastGrowth <= 2 * _looks / counter.Growths;
            if (isGrowing && counter.Growths > (fastest?.Counter.Growths ?? 0))
                fastest = (name, counter);
        }

        return fastest is { } found
            ? $"{found.Name} keeps growing ({found.Counter.Range.Smallest} to {found.Counter.Range.Largest} so far)"
            : null;
    }

    private IEnumerable<(string Name, Counter Counter)> Words() =>
        _numbers
            .SelectMany(region => Enumerable.Range(region.Start, region.Length))
            .Where(word => _words[word].Growths > 0)
            .Select(word => (image.NameOf(word), _words[word]));

    private sealed class Counter(ValueRange first)
    {
        internal ValueRange Range { get; private set; } = first;

        internal int Growths { get; private set; }

        /// <summary>The look at which it was found to have grown last.</summary>
        internal int LastGrowth { get; private set; }

        internal void Look(ValueRange seen, int look)
        {
            ValueRange both = Range.With(seen);
            if (both == Range)
                return;

            Range = both;
            Growths += LastGrowth == look ? 0 : 1; // Several threads may have seen it grow.
            LastGrowth = look;
        }

        internal void Save(BinaryWriter writer)
        {
            Range.Save(writer);
            writer.Write(Growths);
            writer.Write(LastGrowth);
        }

        internal void Load(BinaryReader reader)
        {
            Range = ValueRange.Load(reader);
            Growths = reader.ReadInt32();
            LastGrowth = reader.ReadInt32();
        }
    }
}
