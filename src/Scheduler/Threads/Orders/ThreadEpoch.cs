using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>
/// What threads did from one moment at which all of them stood still to the next, as their tasks have written it down,
/// each for itself: nobody has put it in order yet.
/// </summary>
/// <remarks>It can be put in order, or written, by another thread, while the next one goes on.</remarks>
public sealed class ThreadEpoch
{
    private readonly Func<int, string> _nameOf;
    private readonly RecordRoom? _room;

    internal ThreadEpoch(
        IReadOnlyList<TaskEntries> entries, int words, Func<int, string> nameOf, RecordRoom? room = null)
    {
        Entries = entries;
        AddressCount = words;
        _nameOf = nameOf;
        _room = room;
    }

    /// <summary>What was found in it; null if nothing.</summary>
    public Finding? Finding { get; init; }

    /// <summary>All of its tasks have ended, and all that they did is here; else it is a beginning.</summary>
    public bool IsWhole { get; init; }

    /// <summary>By task, what it has done.</summary>
    internal IReadOnlyList<TaskEntries> Entries { get; private set; }

    /// <summary>The number of addresses.</summary>
    internal int AddressCount { get; }

    internal int Finder { get; init; } = -1;

    /// <summary>The memory with which it began; null if it was as the machine has booted.</summary>
    internal ArenaCopy? Start { get; init; }

    /// <summary>The memory in the end; null if it is not whole.</summary>
    internal ArenaCopy? End { get; init; }

    internal IReadOnlyList<NamedWords> Words => End?.Named ?? [];

    internal string NameOf(int address) => _nameOf(address);

    /// <summary>Whether it began with what another one has left.</summary>
    public bool GoesOnFrom(ThreadEpoch before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return Start is not null && Start == before.End;
    }

    /// <summary>Puts it in order.</summary>
    /// <exception cref="RecordingException">It has none.</exception>
    public ThreadRecording Order()
    {
        var numbers = new Dictionary<int, int>();
        var names = new List<string>();
        RecordedEntry[][] entries = [.. Entries.Select(task => task.ToArray())];
        IReadOnlyList<(int, RecordedEntry)> order = LinearOrder.Of(entries, AddressCount, Finder, IsWhole);
        var steps = new List<RecordedStep>(order.Count);
        foreach ((int task, RecordedEntry entry) in order)
            steps.Add(new RecordedStep(task, entry.Kind, ObjectOf(entry, numbers, names), entry.Result));

        return new ThreadRecording
        {
            Steps = steps,
            Objects = names,
            Finder = Finder,
            Start = Start?.Named ?? [],
            Words = Words,
        };
    }

    /// <summary>Nobody will ask for what tasks did any more: others may write where it was.</summary>
    public void Release()
    {
        if (_room is null)
            return;

        foreach (TaskEntries task in Entries)
            _room.GiveBack(task.Blocks);

        Entries = [];
    }

    private int ObjectOf(RecordedEntry entry, Dictionary<int, int> numbers, List<string> names)
    {
        if (entry.Version == 0)
            return -1;

        if (!numbers.TryGetValue(entry.Address, out int number))
        {
            number = names.Count;
            numbers.Add(entry.Address, number);
            names.Add(_nameOf(entry.Address));
        }

        return number;
    }
}
