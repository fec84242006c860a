using CsCheck;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Schedules;

public class ScheduleTextTests
{
    private static readonly Schedule s_sample = new()
    {
        Scenario = "churn",
        Strategy = "random",
        Seed = 1,
        Execution = 17,
        Transitions = [.. Enumerable.Range(0, 300).Select(step => Transition.Step(step % 3))],
    };

    [Fact]
    public void Parsing_what_was_printed_gives_the_same_schedule() =>
        ScheduleGen.Any.Sample(schedule => ScheduleGen.Same(schedule, ScheduleText.Parse(ScheduleText.Format(schedule), "file")));

    [Fact]
    public void Printing_what_was_parsed_gives_the_same_text() =>
        ScheduleGen.Any.Sample(schedule =>
        {
            string text = ScheduleText.Format(schedule);
            return ScheduleText.Format(ScheduleText.Parse(text, "file")) == text;
        });

    [Fact]
    public void A_file_cut_off_anywhere_is_recognised()
    {
        string text = ScheduleText.Format(s_sample);
        for (int length = 0; length < text.Length; length++)
        {
            var error = Assert.Throws<ScheduleFormatException>(() => ScheduleText.Parse(text[..length], "x.schedule"));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void A_changed_letter_is_recognised()
    {
        string text = ScheduleText.Format(s_sample);
        Gen.Int[0, text.Length - 1].Sample(at =>
        {
            string changed = text[..at] + (char)(text[at] ^ 1) + text[(at + 1)..];
            Assert.Throws<ScheduleFormatException>(() => ScheduleText.Parse(changed, "x.schedule"));
        });
    }

    [Fact]
    public void A_schedule_that_says_impossible_things_is_refused_whatever_its_checksum()
    {
        (Schedule Schedule, string Says)[] impossible =
        [
            (s_sample with { Points = (SchedulingPoints)99 }, "points 99"),
            (s_sample with { Loop = 301 }, "a loop of 301 of its 300 steps"),
        ];
        foreach ((Schedule schedule, string says) in impossible)
        {
            var text = Assert.Throws<ScheduleFormatException>(() => ScheduleText.Parse(ScheduleText.Format(schedule), "x.schedule"));
            var token = Assert.Throws<ScheduleFormatException>(() => ScheduleToken.Parse(ScheduleToken.Format(schedule)));

            Assert.Equal($"x.schedule was not written by kmaplab: it says {says}", text.Message);
            Assert.Equal($"the token was not written by kmaplab: it says {says}", token.Message);
        }
    }

    [Fact]
    public void A_file_of_a_newer_version_says_so()
    {
        string text = ScheduleText.Format(s_sample).Replace("schedule 1", "schedule 2", StringComparison.Ordinal);

        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleText.Parse(text, "x.schedule"));

        Assert.Equal("x.schedule has version 2 and this kmaplab reads up to 1: use a newer kmaplab", error.Message);
    }

    [Fact]
    public void A_foreign_file_says_so()
    {
        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleText.Parse("{ \"races\": [] }", "x.json"));

        Assert.Equal("x.json is not a schedule: it does not begin with 'kmaplab schedule'", error.Message);
    }

    [Fact]
    public void No_line_of_transitions_is_wider_than_100_columns()
    {
        string[] lines = ScheduleText.Format(s_sample).Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
        Assert.Contains(lines, line => line.Length > 90);
    }

    [Fact]
    public void A_file_with_other_line_ends_is_the_same_schedule() =>
        Assert.True(ScheduleGen.Same(s_sample, ScheduleText.Parse(ScheduleText.Format(s_sample).Replace("\n", "\r\n", StringComparison.Ordinal), "file")));
}
