using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>A file is what was recorded, or its beginning, or is refused in one line.</summary>
public sealed class RecordingFileTests
{
    private const int BlockSteps = 20;
    private const int Steps = 50; // Three blocks.

    private static readonly RecordingFile s_files = new("kmaplab", BlockSteps);
    private static readonly Finding s_finding = new(FailureClass.Leak, "one is left");
    private static readonly Recording s_first = Run(Steps, null);
    private static readonly Recording s_second = Run(BlockSteps + 1, s_finding);
    private static readonly byte[] s_bytes = Format(s_first, s_second);

    [Fact]
    public void What_was_written_is_read_again()
    {
        (List<Recording> runs, bool isCutOff) = Parse(s_bytes);

        Assert.False(isCutOff);
        Assert.Equal(2, runs.Count);
        foreach ((Recording read, Recording written) in runs.Zip([s_first, s_second]))
        {
            Assert.False(read.IsCutOff);
            Assert.Equal(written.Experiment, read.Experiment with { Transitions = written.Experiment.Transitions });
            Assert.Equal(written.StepsOfAll, read.StepsOfAll);
            Assert.Equal(written.Run.Steps, read.Run.Steps);
            Assert.Equal(written.Run.Objects, read.Run.Objects);
            Assert.Equal(written.Run.Finder, read.Run.Finder);
            Assert.Equal(
                written.Run.Words.SelectMany(words => words.Words), read.Run.Words.SelectMany(words => words.Words));
        }
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

        Assert.Equal([0, BlockSteps, 2 * BlockSteps, Steps, Steps + BlockSteps, Steps + BlockSteps + 1], lengths);
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
    public void What_stands_behind_the_end_is_refused() =>
        Assert.Throws<ScheduleFormatException>(() => Parse([.. s_bytes, 0]));

    [Fact]
    public void A_file_of_another_program_is_no_recording() => Assert.Throws<ScheduleFormatException>(
        () => new RecordingFile("other").ReadFrom(new MemoryStream(s_bytes), "it"));

    [Fact]
    public void A_file_of_another_version_is_refused()
    {
        byte[] older = "kmaplab recording 1\nend \n"u8.ToArray();

        var refusal = Assert.Throws<ScheduleFormatException>(() => Parse(older));

        Assert.Contains("reads version 2", refusal.Message, StringComparison.Ordinal);
    }

    private static Recording Run(int steps, Finding? finding) => new(
        RecordingReplayTests.Header(finding),
        new ThreadRecording
        {
            Steps =
            [
                .. Enumerable.Range(0, steps)
                    .Select(i => new RecordedStep(i % 3, (OperationKind)(1 + (i % 19)), (i % 5) - 1, i * 7 % 11)),
            ],
            Objects = ["kmap_lock", "pkmap_map_wait", "a word", "another"],
            Finder = 2,
            Words = [new FinalWords("pkmap_count", [1, 0, -5]), new FinalWords("empty", [])],
        });

    private static byte[] Format(params Recording[] runs)
    {
        using var stream = new MemoryStream();
        RecordingWriter writer = s_files.WriteTo(stream, runs[0].Experiment);
        foreach (Recording run in runs)
            writer.Add(run);

        writer.Finish();
        return stream.ToArray();
    }

    private static void AssertIsBeginning(List<Recording> runs)
    {
        IEnumerable<RecordedStep> all = s_first.Run.Steps.Concat(s_second.Run.Steps);
        RecordedStep[] read = [.. runs.SelectMany(run => run.Run.Steps)];
        Assert.Equal(all.Take(read.Length), read);
    }

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
