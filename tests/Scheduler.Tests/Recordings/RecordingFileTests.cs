using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Recordings.Entries;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>A file is what was recorded, or its beginning, or is refused in one line.</summary>
public sealed class RecordingFileTests
{
    private const int BlockEntries = 20;
    private const int Tasks = 3;
    private const int Steps = 50;

    private static readonly RecordingFile s_files = new("kmaplab", BlockEntries);
    private static readonly Finding s_finding = new(FailureClass.Leak, "one is left");
    private static readonly ArenaCopy s_middle = Memory(1, 0, -5);
    private static readonly ThreadEpoch s_first = Run(Steps, null, Memory(7, 7, 7), s_middle);
    private static readonly ThreadEpoch s_second = Run(BlockEntries + 1, s_finding, s_middle, Memory(2, 3, 4));
    private static readonly byte[] s_bytes = Format(s_first, s_second);

    [Fact]
    public void What_was_written_is_read_again()
    {
        (List<Recording> runs, bool isCutOff) = Parse(s_bytes);

        Assert.False(isCutOff);
        Assert.Equal(2, runs.Count);
        foreach ((Recording read, ThreadEpoch written) in runs.Zip([s_first, s_second]))
        {
            ThreadRecording ordered = written.Order();
            Assert.False(read.IsCutOff);
            Assert.Equal(written.Finding?.Class, read.Experiment.Verdict);
            Assert.Equal(written.Finding?.Message ?? "", read.Experiment.Message);
            Assert.Equal(ordered.StepCount, read.StepsOfAll);
            Assert.Equal(ordered.Steps, read.Run.Steps);
            Assert.Equal(ordered.Objects, read.Run.Objects);
            Assert.Equal(ordered.Finder, read.Run.Finder);
            Assert.Equal(Words(ordered.Start), Words(read.Run.Start));
            Assert.Equal(Words(ordered.Words), Words(read.Run.Words));
        }
    }

    [Fact]
    public void What_nobody_expects_is_read_again_too()
    {
        var random = new Pcg32(1, 1);
        RecordedEntry[] entries =
        [
            .. Enumerable.Range(0, 1000).Select(i => new RecordedEntry(
                (OperationKind)(1 + random.Next(19)),
                1 + random.Next(300),
                random.Next(2) == 0 ? i + 1 : random.Next(1 << 30) + 1,
                (int)random.NextUInt32())),
        ];
        var numbers = new ObjectNumbers();
        var bytes = new ByteSink();
        var writer = new EntryWriter();
        numbers.Clear(301);
        writer.Add(entries, numbers, bytes);
        writer.EndRun(bytes);
        var reader = new EntryReader();

        reader.Read(entries.Length, 300, new BinaryReader(new MemoryStream(bytes.Written.ToArray())));

        Assert.Equal(
            entries,
            reader.Entries.Select(entry => new RecordedEntry(
                entry.Kind, numbers.Addresses[entry.Address - 1], entry.Version, entry.Result)));
    }

    [Fact]
    public void A_file_that_is_cut_off_at_any_byte_is_the_beginning_of_a_recording_or_refused()
    {
        var lengths = new SortedSet<int>();
        for (int length = 0; length < s_bytes.Length; length++)
        {
            if (Read(s_bytes[..length]) is not { } read)
                continue;

            Assert.True(read.IsCutOff, $"at {length}");
            AssertIsBeginning(read.Runs);
            lengths.Add(read.Runs.Sum(run => run.Run.Steps.Count));
        }

        // After each block there is more of it, up to all.
        Assert.Equal(Steps + BlockEntries + 1, lengths.Max);
        Assert.True(lengths.Count > Steps / BlockEntries, string.Join(' ', lengths));
    }

    [Fact]
    public void A_file_in_which_any_byte_is_another_is_refused_or_ends_before_it()
    {
        byte[] bytes = [.. s_bytes];
        for (int place = 0; place < bytes.Length; place++)
        {
            bytes[place] ^= 0x41;
            (List<Recording> Runs, bool IsCutOff)? read = Read(bytes);
            bytes[place] ^= 0x41;

            // A block that pretends to be longer than the file may only seem to be cut off.
            Assert.True(read is null or { IsCutOff: true }, $"at {place}");
            if (read is { } beginning)
                AssertIsBeginning(beginning.Runs);
        }
    }

    [Fact]
    public void A_run_that_goes_on_from_one_that_is_not_there_is_refused()
    {
        // Its memory was that of the run before, which is not whole here.
        ThreadEpoch cut = new(s_first.Entries, s_first.AddressCount, s_first.NameOf) { End = s_middle };

        Assert.Throws<ScheduleFormatException>(() => Parse(Format(cut, s_second)));
    }

    [Fact]
    public void What_stands_behind_the_end_is_refused() =>
        Assert.Throws<ScheduleFormatException>(() => Parse([.. s_bytes, 0]));

    [Fact]
    public void A_file_of_another_program_is_no_recording() => Assert.Throws<ScheduleFormatException>(
        () => new RecordingFile("other").ReadFrom(new MemoryStream(s_bytes), "it"));

    [Fact]
    public void A_file_of_another_version_is_refused()
    {
        byte[] older = "kmaplab recording 2\nend \n"u8.ToArray();

        var refusal = Assert.Throws<ScheduleFormatException>(() => Parse(older));

        Assert.Contains("reads version 3", refusal.Message, StringComparison.Ordinal);
    }

    // Tasks add to a few words in turn.
    private static ThreadEpoch Run(int steps, Finding? finding, ArenaCopy start, ArenaCopy end)
    {
        string[] names = ["kmap_lock", "pkmap_map_wait", "a word", "another"];
        List<RecordedEntry>[] tasks = [.. Enumerable.Range(0, Tasks).Select(_ => new List<RecordedEntry>())];
        int[] versions = new int[names.Length];
        for (int i = 0; i < steps; i++)
        {
            int word = i % names.Length;
            tasks[i % Tasks].Add(
                new RecordedEntry(OperationKind.FetchAdd, word, versions[word] += 2, i * 7 % 11));
        }

        return new ThreadEpoch(
            [.. tasks.Select(task => new TaskEntries([.. task]))], names.Length, address => names[address])
        {
            Finding = finding,
            IsWhole = true,
            Start = start,
            End = end,
        };
    }

    private static ArenaCopy Memory(params int[] words) => new(
        words, [], (all, _) => [new NamedWords("pkmap_count", all), new NamedWords("empty", [])]);

    private static IEnumerable<(string, int)> Words(IReadOnlyList<NamedWords> words) =>
        words.SelectMany(region => region.Words.Select(word => (region.Name, word)));

    private static byte[] Format(params ThreadEpoch[] runs)
    {
        using var stream = new MemoryStream();
        RecordingWriter writer = s_files.WriteTo(stream, RecordingReplayTests.Header(null));
        foreach (ThreadEpoch run in runs)
            writer.Add(run);

        writer.Finish();
        return stream.ToArray();
    }

    // Of what each task did, its beginning.
    private static void AssertIsBeginning(List<Recording> runs)
    {
        foreach ((Recording read, ThreadEpoch written) in runs.Zip([s_first, s_second]))
        {
            ILookup<int, RecordedStep> all = Unnamed(written.Order()).ToLookup(step => step.Task);
            foreach (IGrouping<int, RecordedStep> task in Unnamed(read.Run).GroupBy(step => step.Task))
                Assert.Equal(all[task.Key].Take(task.Count()), task);
        }
    }

    // Numbers of objects follow the order.
    private static IEnumerable<RecordedStep> Unnamed(ThreadRecording run) =>
        run.Steps.Select(step => step with { Object = run.Objects[step.Object][0] });

    private static (List<Recording> Runs, bool IsCutOff)? Read(byte[] bytes)
    {
        try
        {
            return Parse(bytes);
        }
        catch (ScheduleFormatException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            return null;
        }
    }

    private static (List<Recording> Runs, bool IsCutOff) Parse(byte[] bytes)
    {
        RecordingReader reader = s_files.ReadFrom(new MemoryStream(bytes), "it");
        var runs = new List<Recording>();
        while (reader.Next() is { } run)
            runs.Add(run);

        return (runs, reader.IsCutOff);
    }
}
