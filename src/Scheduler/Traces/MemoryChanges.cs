using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Traces;

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
        foreach (MemoryRegion region in Changed())
        {
            ReadOnlySpan<int> before = _before.AsSpan(region.Start, region.Length);
            ReadOnlySpan<int> after = _machine.Memory.AsSpan(region.Start, region.Length);
            List<WordChange> words = Differences(region.Start, before, after);
            if (region.Sort == WordSort.Queue)
                changes.Add(Change(region, region.Name, Queue(before), Queue(after), words));
            else
                changes.AddRange(words.Select(word => Change(region, word)));
        }

        return changes;
    }

    /// <summary>What memory holds now: all words that are not the machine's own, and each wait queue as one.</summary>
    public IReadOnlyList<MemoryCell> Cells()
    {
        var cells = new List<MemoryCell>();
        foreach (MemoryRegion region in _machine.Image.Regions)
        {
            if (region.Role == RegionRole.Hardware)
                continue;

            ReadOnlySpan<int> words = _machine.Memory.AsSpan(region.Start, region.Length);
            if (region.Sort == WordSort.Queue)
            {
                cells.Add(new MemoryCell(region.Name, region.Name, region.Start, region.Role, Queue(words)));
                continue;
            }

            for (int i = 0; i < words.Length; i++)
            {
                string text = WordText.Of(_machine, region.Sort, words[i]);
                cells.Add(new MemoryCell(region.Name, NameOf(region, i), region.Start + i, region.Role, text));
            }
        }

        return cells;
    }

    /// <summary>
    /// Whether accounts differ from <see cref="Begin"/>, and besides them at most what the machine notes of itself.
    /// </summary>
    internal bool AreOfAccounts()
    {
        List<MemoryRegion> changed = Changed();
        return changed.Exists(region => region.Role == RegionRole.Bookkeeping)
            && changed.TrueForAll(region => region.Role is RegionRole.Bookkeeping or RegionRole.Hardware);
    }

    /// <summary>The regions that differ, by address; most of memory is only passed over.</summary>
    private List<MemoryRegion> Changed()
    {
        ReadOnlySpan<int> now = _machine.Memory;
        var changed = new List<MemoryRegion>();
        int same = 0; // Up to here nothing differs but what is in the list.
        foreach (MemoryRegion region in _machine.Image.Regions)
        {
            int end = region.Start + region.Length;
            if (end <= same)
                continue;

            same += now[same..].CommonPrefixLength(_before.AsSpan(same));
            if (same == now.Length)
                break;

            if (same >= end)
                continue;

            changed.Add(region);
            same = end;
        }

        return changed;
    }

    private static List<WordChange> Differences(int start, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        var words = new List<WordChange>();
        for (int i = before.CommonPrefixLength(after); i < before.Length; i++)
        {
            if (before[i] != after[i])
                words.Add(new WordChange(start + i, before[i], after[i]));
        }

        return words;
    }

    private MemoryChange Change(MemoryRegion region, WordChange word) => Change(
        region,
        NameOf(region, word.Address - region.Start),
        WordText.Of(_machine, region.Sort, word.Before),
        WordText.Of(_machine, region.Sort, word.After),
        [word]);

    private static MemoryChange Change(
        MemoryRegion region, string name, string before, string after, IReadOnlyList<WordChange> words) =>
        new(region.Name, name, before, after) { Role = region.Role, Words = words };

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

/// <summary>A word of kernel memory, or a wait queue, at a moment.</summary>
/// <param name="Region">The region that it lies in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its first word.</param>
/// <param name="Role">Who may touch the region.</param>
/// <param name="Text">What it is, in words.</param>
public sealed record MemoryCell(string Region, string Name, int Address, RegionRole Role, string Text);

/// <summary>A word of kernel memory, or a wait queue, that a step has changed.</summary>
/// <param name="Region">The region that it lies in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Before">What it was, in words.</param>
/// <param name="After">What it is, in words.</param>
public sealed record MemoryChange(string Region, string Name, string Before, string After)
{
    /// <summary>Who may touch the region.</summary>
    public RegionRole Role { get; init; }

    /// <summary>The words that it consists of, by address; several only for a wait queue.</summary>
    public IReadOnlyList<WordChange> Words { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Before} -> {After}";
}

/// <summary>A word of kernel memory that has changed.</summary>
/// <param name="Address">Which.</param>
/// <param name="Before">What it was.</param>
/// <param name="After">What it is.</param>
public readonly record struct WordChange(int Address, int Before, int After);
