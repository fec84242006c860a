using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Tests.Verification.Storage;

/// <summary>States that have gone to disk are found there, under their numbers, and no others.</summary>
public sealed class VisitedRunsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-runs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(1, VisitedRun.BlockEntries)]
    [InlineData(3, VisitedRun.BlockEntries + 1)]
    [InlineData(20, 1000)] // They are merged meanwhile.
    public void Every_state_is_found_and_no_other(int files, int states)
    {
        var disk = new SpillDisk(_folder, bytesMax: null);
        using var memory = new VisitedSet(1);
        using var runs = new VisitedRuns();
        for (int file = 0; file < files; file++)
        {
            for (int i = 0; i < states; i++)
                memory.Insert(Hash((file * states) + i), default, (file * states) + i);

            Assert.True(runs.TryTake(memory, disk));
            Assert.Equal(-1, memory.Find(Hash(file * states), default));
        }

        for (int i = 0; i < files * states; i++)
            Assert.Equal(i, runs.Find(Hash(i)));

        for (int i = files * states; i < (files + 1) * states; i++)
            Assert.Equal(-1, runs.Find(Hash(i)));
    }

    [Fact]
    public void States_whose_upper_halves_are_alike_are_told_apart()
    {
        const int States = 3 * VisitedRun.BlockEntries;
        using var memory = new VisitedSet(1);
        using var runs = new VisitedRuns();
        for (int i = 0; i < States; i++)
            memory.Insert(Alike(i), default, i);

        Assert.True(runs.TryTake(memory, new SpillDisk(_folder, bytesMax: null)));

        for (int i = 0; i < States; i++)
            Assert.Equal(i, runs.Find(Alike(i)));

        Assert.Equal(-1, runs.Find(Alike(States)));

        static UInt128 Alike(int state) => new(7, ((ulong)(uint)state * 0x9E37_79B9) << 31);
    }

    [Fact]
    public void What_is_known_gets_the_number_that_it_had_and_is_told_once()
    {
        var disk = new SpillDisk(_folder, bytesMax: null);
        using var memory = new VisitedSet(1);
        using var runs = new VisitedRuns();
        for (int i = 0; i < 100; i++)
            memory.Insert(Hash(i), default, i);

        Assert.True(runs.TryTake(memory, disk));
        for (int i = 50; i < 150; i++)
            memory.Insert(Hash(i), default, 1000 + i);

        var known = new SortedDictionary<int, int>();
        runs.FindKnown(memory, 1060, known.Add);
        runs.FindKnown(memory, 1060, known.Add);

        Assert.Equal(Enumerable.Range(60, 40).Select(i => KeyValuePair.Create(1000 + i, i)), known);
        Assert.Equal(60, memory.Find(Hash(60), default));
        Assert.Equal(1059, memory.Find(Hash(59), default)); // Nobody has asked for it.
        Assert.Equal(1100, memory.Find(Hash(100), default));
    }

    [Fact]
    public void A_state_that_is_in_several_files_is_in_one_after_they_are_merged()
    {
        var disk = new SpillDisk(_folder, bytesMax: null);
        using var memory = new VisitedSet(1);
        using var runs = new VisitedRuns();
        for (int file = 0; file < 8; file++)
        {
            for (int i = 0; i < 1000; i++)
                memory.Insert(Hash(i), default, i);

            Assert.True(runs.TryTake(memory, disk));
        }

        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            runs.Save(writer);

        Assert.Equal(4 + 8 + (1000 * 16), bytes.Length);
        bytes.Position = 0;
        using var others = new VisitedRuns();
        Assert.True(others.TryLoad(new BinaryReader(bytes), disk));
        Assert.Equal(999, others.Find(Hash(999)));
    }

    private static UInt128 Hash(int state)
    {
        ulong low = ((ulong)state + 1) * 0x9E37_79B9_7F4A_7C15;
        return new UInt128((low ^ (low >> 29)) * 0xBF58_476D_1CE4_E5B9, low);
    }
}
