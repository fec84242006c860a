using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Threads.Orders;

/// <summary>
/// One run on threads as its tasks have written it down, each for itself: nobody has put it in order yet.
/// </summary>
/// <remarks>It can be put in order by another thread, while the next run goes on.</remarks>
public sealed class ThreadEpoch
{
    private readonly RecordedEntry[][] _entries; // By task.
    private readonly int _words;
    private readonly Func<int, string> _nameOf;

    internal ThreadEpoch(RecordedEntry[][] entries, int words, Func<int, string> nameOf)
    {
        _entries = entries;
        _words = words;
        _nameOf = nameOf;
    }

    /// <summary>What was found in it; null if nothing.</summary>
    public Finding? Finding { get; init; }

    /// <summary>All of its tasks have ended, and all that they did is here; else it is a beginning.</summary>
    public bool IsWhole { get; init; }

    internal int Finder { get; init; } = -1;

    internal IReadOnlyList<FinalWords> Words { get; init; } = [];

    /// <summary>Puts it in order.</summary>
    /// <exception cref="RecordingException">It has none.</exception>
    public ThreadRecording Order()
    {
        var numbers = new Dictionary<int, int>();
        var names = new List<string>();
        IReadOnlyList<(int, RecordedEntry)> order = LinearOrder.Of(_entries, _words, Finder, IsWhole);
        var steps = new List<RecordedStep>(order.Count);
        foreach ((int task, RecordedEntry entry) in order)
            steps.Add(new RecordedStep(task, entry.Kind, ObjectOf(entry, numbers, names), entry.Result));

        return new ThreadRecording { Steps = steps, Objects = names, Finder = Finder, Words = Words };
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
