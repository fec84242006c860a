using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings.Entries;

/// <summary>Reads what an <see cref="EntryWriter"/> has written.</summary>
internal sealed class EntryReader
{
    private readonly EntryExpectation _expected = new();
    private readonly List<RecordedEntry> _entries = [];

    /// <summary>All entries so far; their addresses are the numbers of their objects.</summary>
    internal RecordedEntry[] Entries => [.. _entries];

    /// <summary>Reads so many.</summary>
    /// <param name="count">The number.</param>
    /// <param name="objects">The number of objects that there are.</param>
    /// <param name="block">Where from.</param>
    /// <exception cref="FormatException">They make no sense.</exception>
    internal void Read(int count, int objects, BinaryReader block)
    {
        while (count > 0)
        {
            int first = block.ReadByte();
            int run = first < EntryWriter.OtherVersion ? first + 1 : 0;
            for (int i = 0; i < run; i++)
                Add(Expected(), objects);

            if (run == 0)
                Add(first < EntryWriter.Other ? OfOtherVersion(first, block) : All(first, block), objects);

            count -= Math.Max(run, 1);
        }

        if (count < 0)
            throw new FormatException();
    }

    private RecordedEntry Expected()
    {
        (uint code, int result) = _expected.Next;
        var entry = RecordedEntry.Of(code, 0, result);
        return entry.WithVersion(_expected.VersionOf(entry));
    }

    private RecordedEntry OfOtherVersion(int first, BinaryReader block)
    {
        uint folded = first == EntryWriter.FarVersion
            ? (uint)block.Read7BitEncodedInt()
            : (uint)(first - EntryWriter.OtherVersion);
        RecordedEntry expected = Expected();
        return expected.WithVersion(expected.Version + ByteSink.Unfold(folded));
    }

    private RecordedEntry All(int first, BinaryReader block)
    {
        var kind = (OperationKind)(first & ~EntryWriter.Other);
        int number = block.Read7BitEncodedInt();
        int result = ByteSink.Unfold((uint)block.Read7BitEncodedInt());
        int difference = ByteSink.Unfold((uint)block.Read7BitEncodedInt());
        if ((uint)number > RecordedEntry.AddressMax)
            throw new FormatException();

        var entry = new RecordedEntry(kind, number, 0, result);
        return entry.WithVersion(_expected.VersionOf(entry) + difference);
    }

    private void Add(RecordedEntry entry, int objects)
    {
        bool isPossible = Enum.IsDefined(entry.Kind)
            && entry.Address <= objects
            && (entry.Address == 0) == (entry.Version == 0);
        if (!isPossible)
            throw new FormatException();

        _entries.Add(entry);
        _expected.Learn(ref _expected.Next, entry);
    }
}
