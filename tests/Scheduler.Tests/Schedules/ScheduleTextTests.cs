using System.IO.Hashing;
using System.Text;
using CsCheck;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Schedules;

public class ScheduleTextTests
{
    private const string NotWritten = " was not written by kmaplab: it says ";

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
        ScheduleGen.Any.Sample(schedule =>
            ScheduleGen.Same(schedule, ScheduleGen.Text.Parse(ScheduleGen.Text.Format(schedule), "file")));

    [Fact]
    public void Printing_what_was_parsed_gives_the_same_text() =>
        ScheduleGen.Any.Sample(schedule =>
        {
            string text = ScheduleGen.Text.Format(schedule);
            return ScheduleGen.Text.Format(ScheduleGen.Text.Parse(text, "file")) == text;
        });

    [Fact]
    public void A_file_cut_off_anywhere_is_recognised()
    {
        string text = ScheduleGen.Text.Format(s_sample);
        for (int length = 0; length < text.Length; length++)
        {
            string cut = text[..length];
            var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Text.Parse(cut, "x.schedule"));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void A_changed_letter_is_recognised()
    {
        string text = ScheduleGen.Text.Format(s_sample);
        Gen.Int[0, text.Length - 1].Sample(at =>
        {
            string changed = text[..at] + (char)(text[at] ^ 1) + text[(at + 1)..];
            Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Text.Parse(changed, "x.schedule"));
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
            var text = Assert.Throws<ScheduleFormatException>(() =>
                ScheduleGen.Text.Parse(ScheduleGen.Text.Format(schedule), "x.schedule"));
            var token = Assert.Throws<ScheduleFormatException>(() =>
                ScheduleGen.Token.Parse(ScheduleGen.Token.Format(schedule)));

            Assert.Equal($"x.schedule was not written by kmaplab: it says {says}", text.Message);
            Assert.Equal($"the token was not written by kmaplab: it says {says}", token.Message);
        }
    }

    [Fact]
    public void A_file_of_a_newer_version_says_so()
    {
        string text = ScheduleGen.Text.Format(s_sample).Replace("schedule 2", "schedule 3", StringComparison.Ordinal);

        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Text.Parse(text, "x.schedule"));

        Assert.Equal("x.schedule has version 3 and this kmaplab reads up to 2: use a newer kmaplab", error.Message);
    }

    [Fact]
    public void A_foreign_file_says_so()
    {
        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Text.Parse("{ \"races\": [] }", "x.json"));

        Assert.Equal("x.json is not a schedule: it does not begin with 'kmaplab schedule'", error.Message);
    }

    [Fact]
    public void No_line_of_transitions_is_wider_than_100_columns()
    {
        string[] lines = ScheduleGen.Text.Format(s_sample).Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
        Assert.Contains(lines, line => line.Length > 90);
    }

    [Fact]
    public void A_file_with_other_line_ends_is_the_same_schedule()
    {
        string text = ScheduleGen.Text.Format(s_sample).Replace("\n", "\r\n", StringComparison.Ordinal);

        Assert.True(ScheduleGen.Same(s_sample, ScheduleGen.Text.Parse(text, "file")));
    }

    [Theory]
    [InlineData("set: Tasks=2", NotWritten + "a parameter called 'Tasks', and names are made of a-z, 0-9 and -")]
    [InlineData("set: =2", NotWritten + "a parameter called '', and names are made of a-z, 0-9 and -")]
    [InlineData("set: slots= 2", NotWritten + "'slots' is more than a line of text, or has blanks around it")]
    [InlineData("set: tasks=3", NotWritten + "'tasks' twice")]
    [InlineData("set: slots", ", line 4: set is 'slots', which is not a name and a value like 'tasks=2'")]
    [InlineData("slots: 2", ", line 4: expected 'preempt: ...', found 'slots: 2'")]
    public void A_parameter_that_could_not_have_been_written_is_refused_whatever_the_checksum(
        string line, string message)
    {
        Schedule schedule = s_sample with { Parameters = new Parameters(new ParameterValue("tasks", "2")) };
        string text = ScheduleGen.Text.Format(schedule).Replace("set: ", $"{line}\nset: ", StringComparison.Ordinal);
        string before = text[..text.LastIndexOf("end ", StringComparison.Ordinal)];
        text = $"{before}end {XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(before)):x16}\n";

        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Text.Parse(text, "x.schedule"));

        Assert.Equal($"x.schedule{message}", error.Message);
    }

    [Fact]
    public void A_file_and_a_token_begin_with_the_names_of_the_program_that_writes_them()
    {
        var text = new ScheduleText("other");
        var token = new ScheduleToken("other", "oth");

        Assert.StartsWith("other schedule 2\n", text.Format(s_sample), StringComparison.Ordinal);
        Assert.StartsWith("oth2-", token.Format(s_sample), StringComparison.Ordinal);
        Assert.Equal(
            "x is not a schedule: it does not begin with 'other schedule'",
            Assert.Throws<ScheduleFormatException>(() => text.Parse(ScheduleGen.Text.Format(s_sample), "x")).Message);
        Assert.False(token.LooksLikeToken(ScheduleGen.Token.Format(s_sample)));
    }
}
