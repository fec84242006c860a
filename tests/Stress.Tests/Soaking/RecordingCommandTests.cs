using System.Text.Json;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Soaking;

/// <summary>From soak to a file, and from the file to the simulated machine.</summary>
public sealed class RecordingCommandTests : CommandLineTest
{
    private string Place => Path.Combine(Folder, "a.recording");

    [Fact]
    public void A_failure_on_threads_is_kept_replayed_and_saved_as_a_schedule()
    {
        string recording = Fail();
        string schedule = Path.Combine(Folder, "it.schedule");

        Assert.Equal(ExitCode.Clean, Run("replay", recording, "--save", schedule));
        Assert.Contains("exhaust+no-wakeup: reproduced lost-wakeup, recorded on threads", Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Clean, Run("replay", schedule));
        Assert.Contains("reproduced lost-wakeup", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_failure_ends_in_the_same_words()
    {
        Assert.Equal(ExitCode.Clean, Run("soak", "churn", "--seconds", "1", "--record", Place));

        Assert.Equal(ExitCode.Clean, Run("replay", Place));

        Assert.Contains("churn: reproduced nothing wrong, recorded on threads", Out, StringComparison.Ordinal);
        Assert.Matches(@"all \d\d words of kernel memory that were compared end as they did", Out);
    }

    [Fact]
    public void Every_run_is_kept_and_replayed()
    {
        (JsonElement report, int runs) = RecordRuns();
        Assert.Equal(report.GetProperty("executions").GetInt32(), runs);
        Assert.Equal(Place, report.GetProperty("recording").GetString());

        Assert.Equal(ExitCode.Clean, Run("replay", Place));

        Assert.Contains($" of the simulated machine, {runs} runs", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_goes_on_from_another_one_is_saved_with_the_memory_that_it_began_with()
    {
        string schedule = Path.Combine(Folder, "it.schedule");
        RecordRuns();

        Assert.Equal(ExitCode.Clean, Run("replay", Place, "--save", schedule));
        Assert.Contains("\nmemory: pkmap_count =", File.ReadAllText(schedule), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", schedule));

        // Without it the schedule is another one.
        Schedule saved = Product.Files.Load(schedule);
        Product.Files.Save(schedule, saved with { Start = [new NamedWords("pkmap_count", [1])] });
        Assert.Equal(ExitCode.Usage, Run("replay", schedule));
    }

    [Fact]
    public void Tasks_that_never_end_are_recorded_all_the_same()
    {
        Assert.Equal(
            ExitCode.Clean, Run("soak", "churn", "--rounds", "forever", "--seconds", "0.2", "--record", Place));

        Assert.Equal(ExitCode.Clean, Run("replay", Place));

        Assert.Contains("churn: reproduced nothing wrong", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_that_is_found_while_all_is_kept_is_the_last_run()
    {
        Assert.Equal(
            ExitCode.Failure,
            Run("soak", "count-after-unlock", "--jitter", "1", "--seconds", "60", "--record", Place));

        Assert.Equal(ExitCode.Clean, Run("replay", Place));

        Assert.Matches(@"script\+count-after-unlock: reproduced [a-z-]+, recorded on threads", Out);
    }

    [Fact]
    public void A_failure_on_threads_is_told_in_its_smallest_form()
    {
        JsonElement failure = RunForJson(
            ExitCode.Failure,
            "soak", "exhaust", "--variant", "no-wakeup", "--rounds", "1", "--seconds", "60").GetProperty("failure");
        JsonElement minimal = failure.GetProperty("minimal");

        int steps = minimal.GetProperty("after").GetProperty("steps").GetInt32();
        Assert.True(steps <= failure.GetProperty("steps").GetInt32());
        Assert.Equal(ExitCode.Clean, Run("replay", minimal.GetProperty("schedule").GetString()!));
        Assert.Contains("reproduced lost-wakeup", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("schedule").GetString()!));
    }

    [Fact]
    public void Without_its_smallest_form_a_failure_has_a_schedule()
    {
        JsonElement failure = RunForJson(
            ExitCode.Failure,
            "soak", "exhaust", "--variant", "no-wakeup", "--rounds", "1", "--seconds", "60", "--no-minimize")
            .GetProperty("failure");

        Assert.Equal(JsonValueKind.Null, failure.GetProperty("minimal").ValueKind);
        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("schedule").GetString()!));
    }

    [Fact]
    public void A_disk_without_any_room_is_refused_in_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no device that is always full");

        Assert.Equal(ExitCode.Usage, Run("soak", "churn", "--record", "/dev/full"));

        Assert.Contains("--record '/dev/full' cannot be written: ", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_that_is_cut_off_is_replayed_to_where_it_goes()
    {
        string recording = Fail();
        File.WriteAllBytes(Place, File.ReadAllBytes(recording)[..^1]);

        Assert.Equal(ExitCode.NoAnswer, Run("replay", Place));

        Assert.Contains("the recording is cut off", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_that_was_edited_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(Fail());
        bytes[^1] ^= 1;
        File.WriteAllBytes(Place, bytes);

        AssertRefused($"{Place} is damaged or was edited: a checksum in it is wrong", "replay", Place);
    }

    [Fact]
    public void A_recording_of_another_build_is_refused()
    {
        using (FileStream file = File.OpenRead(Fail()))
        {
            Schedule experiment = Product.Recordings.ReadFrom(file, "it").Experiment;
            Product.Recordings.Save(Place, experiment with { Build = 1 }, []);
        }

        Assert.Equal(ExitCode.Usage, Run("replay", Place));

        Assert.Contains("is from another build (0000000000000001, ", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_has_no_trace() => AssertRefused(
        "--trace is for a schedule: save the recording as one with --save, and replay that",
        "replay", Fail(), "--trace");

    [Fact]
    public void A_recording_does_not_go_onto_a_folder() => AssertRefused(
        $"--record '{Folder}' is a folder: name a file in it",
        "soak", "churn", "--record", Folder);

    [Theory]
    [InlineData("--bare", "--record keeps what --bare does not look at: give one of them")]
    [InlineData("--no-record", "--record keeps what --no-record does not: give one of them")]
    public void What_keeps_nothing_cannot_be_recorded(string option, string message) =>
        AssertRefused(message, "soak", "churn", option, "--record", Place);

    // With jitter runs end by chance, but how soon the first does is up to who else uses this computer: time is given
    // until a second one has begun.
    private (JsonElement Report, int Runs) RecordRuns()
    {
        for (int seconds = 1; ; seconds *= 4)
        {
            JsonElement report = RunForJson(
                ExitCode.Clean, "soak", "churn", "--jitter", "1", "--seconds", $"{seconds}", "--record", Place);
            int runs = report.GetProperty("recorded").GetProperty("runs").GetInt32();
            if (runs > 1)
                return (report, runs);

            Assert.True(seconds < 100, "the first run does not end");
        }
    }

    private string Fail()
    {
        JsonElement report = RunForJson(
            ExitCode.Failure, "soak", "exhaust", "--variant", "no-wakeup", "--rounds", "1", "--seconds", "60");
        return report.GetProperty("recording").GetString()!;
    }
}
