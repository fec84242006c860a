using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Tells, in words, what has changed in kernel memory since a moment.</summary>
public sealed class MemoryChanges
{
    private readonly Machine _machine;
    private readonly int[] _before;

    /// <summary>Watches the memory of <paramref name="machine"/>.</summary>
    public MemoryChanges(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _before = new int[machine.Memory.Length];
    }

    /// <summary>Takes down what memory is now.</summary>
    public void Begin() => _machine.Memory.CopyTo(_before, 0);

    /// <summary>Whether anything differs from <see cref="Begin"/>.</summary>
    public bool Any() => !_machine.Memory.AsSpan().SequenceEqual(_before);

    /// <summary>What differs from <see cref="Begin"/>, by address; a wait queue is one change.</summary>
    public IReadOnlyList<MemoryChange> End()
    {
        var changes = new List<MemoryChange>();
        foreach (MemoryRegion region in _machine.Image.Regions)
        {
            ReadOnlySpan<int> before = _before.AsSpan(region.Start, region.Length);
            ReadOnlySpan<int> after = _machine.Memory.AsSpan(region.Start, region.Length);
            if (before.SequenceEqual(after))
                continue;

            if (region.Sort == WordSort.Queue)
                changes.Add(new MemoryChange(region.Name, region.Name, Queue(before), Queue(after)) { Role = region.Role });
            else
                AddWords(region, before, after, changes);
        }

        return changes;
    }

    private void AddWords(MemoryRegion region, ReadOnlySpan<int> before, ReadOnlySpan<int> after, List<MemoryChange> changes)
    {
        for (int i = 0; i < region.Length; i++)
        {
            if (before[i] != after[i])
            {
                string was = WordText.Of(_machine, region.Sort, before[i]);
                string now = WordText.Of(_machine, region.Sort, after[i]);
                changes.Add(new MemoryChange(region.Name, NameOf(region, i), was, now) { Role = region.Role });
            }
        }
    }

    // The TLBs of all CPUs are one region.
    private string NameOf(MemoryRegion region, int index) => region.Name == "tlb"
        ? $"TLB of CPU {index / _machine.Mmu.Pages} [{index % _machine.Mmu.Pages}]"
        : _machine.Image.NameOf(region.Start + index);

    private string Queue(ReadOnlySpan<int> words)
    {
        int count = words[0];
        var tasks = new List<string>();
        foreach (int entry in words.Slice(1, count))
            tasks.Add(_machine.NameOf((entry >> 1) - 1) + ((entry & 1) != 0 ? "!" : ""));

        return tasks.Count == 0 ? "empty" : string.Join(", ", tasks);
    }
}

/// <summary>A word of kernel memory, or a wait queue, that a step has changed.</summary>
/// <param name="Region">The region that it lies in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Before">What it was, in words.</param>
/// <param name="After">What it is, in words.</param>
public sealed record MemoryChange(string Region, string Name, string Before, string After)
{
    /// <summary>Who may touch the region.</summary>
    public RegionRole Role { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Before} -> {After}";
}
