using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>A file is what was recorded, or its beginning, or is refused in one line.</summary>
public sealed class RecordingFileTests
{
    private const int BlockSteps = 20;
    private const int Steps = 50; // Three blocks.

    private static readonly RecordingFile s_files = new("kmaplab", BlockSteps);
    private static readonly Recording s_recording = new(
        RecordingReplayTests.Header(new Finding(FailureClass.Leak, "one is left")),
        new ThreadRecording
        {
            Steps =
            [
                .. Enumerable.Range(0, Steps)
                    .Select(i => new RecordedStep(i % 3, (OperationKind)(1 + (i % 19)), (i % 5) - 1, i * 7 % 11)),
            ],
            Objects = ["kmap_lock", "pkmap_map_wait", "a word", "another"],
            Finder = 2,
            Words = [new FinalWords("pkmap_count", [1, 0, -5]), new FinalWords("empty", [])],
        });

    [Fact]
    public void What_was_written_is_read_again()
    {
        Recording read = s_files.Parse(s_files.Format(s_recording), "it");

        Assert.False(read.IsCutOff);
        Assert.Equal(s_recording.Experiment, read.Experiment with { Transitions = s_recording.Experiment.Transitions });
        Assert.Equal(s_recording.Run.Steps, read.Run.Steps);
        Assert.Equal(s_recording.Run.Objects, read.Run.Objects);
        Assert.Equal(s_recording.Run.Finder, read.Run.Finder);
        Assert.Equal(
            s_recording.Run.Words.SelectMany(words => words.Words), read.Run.Words.SelectMany(words => words.Words));
    }

    [Fact]
    public void A_file_that_is_cut_off_at_any_byte_is_the_beginning_of_a_recording_or_refused()
    {
        byte[] bytes = s_files.Format(s_recording);
        var lengths = new SortedSet<int>();
        for (int length = 0; length < bytes.Length; length++)
        {
            if (Read(bytes[..length]) is not { } read)
                continue;

            Assert.True(read.IsCutOff, $"at {length}");
            Assert.Equal(s_recording.Run.Steps.Take(read.Run.Steps.Count), read.Run.Steps);
            lengths.Add(read.Run.Steps.Count);
        }

        Assert.Equal([0, BlockSteps, 2 * BlockSteps, Steps], lengths);
    }

    [Fact]
    public void A_file_in_which_any_byte_is_another_is_refused_or_ends_before_it()
    {
        byte[] bytes = s_files.Format(s_recording);
        for (int place = 0; place < bytes.Length; place++)
        {
            bytes[place] ^= 0x41;
            Recording? read = Read(bytes);
            bytes[place] ^= 0x41;

            // A block that pretends to be longer than the file may only seem to be cut off.
            Assert.True(read is null or { IsCutOff: true }, $"at {place}");
            if (read is not null)
                Assert.Equal(s_recording.Run.Steps.Take(read.Run.Steps.Count), read.Run.Steps);
        }
    }

    [Fact]
    public void What_stands_behind_the_end_is_refused() =>
        Assert.Throws<ScheduleFormatException>(() => s_files.Parse([.. s_files.Format(s_recording), 0], "it"));

    [Fact]
    public void A_file_of_another_program_is_no_recording() =>
        Assert.Throws<ScheduleFormatException>(
            () => new RecordingFile("other").Parse(s_files.Format(s_recording), "it"));

    private static Recording? Read(byte[] bytes)
    {
        try
        {
            return s_files.Parse(bytes, "it");
        }
        catch (ScheduleFormatException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            return null;
        }
    }
}
