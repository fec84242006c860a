using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Schedules;

public class ScheduleTokenTests
{
    private static readonly string s_token = ScheduleGen.Token.Format(new Schedule
    {
        Scenario = "churn",
        Strategy = "random",
        Transitions = [Transition.Step(1), Transition.Step(1), Transition.Dispatch(2, 3), Transition.Step(0)],
    });

    [Fact]
    public void Parsing_what_was_printed_gives_the_same_schedule() =>
        ScheduleGen.Any.Sample(schedule =>
            ScheduleGen.Same(schedule, ScheduleGen.Token.Parse(ScheduleGen.Token.Format(schedule))));

    [Fact]
    public void A_token_is_one_word() =>
        ScheduleGen.Any.Sample(schedule => ScheduleGen.Token.Format(schedule)
            .All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));

    [Fact]
    public void A_typo_anywhere_is_recognised()
    {
        for (int at = 0; at < s_token.Length; at++)
        {
            char typo = s_token[at] == 'x' ? 'y' : 'x';
            string token = s_token[..at] + typo + s_token[(at + 1)..];
            var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Token.Parse(token));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void A_token_that_lost_its_end_is_recognised()
    {
        for (int length = 0; length < s_token.Length; length++)
            Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Token.Parse(s_token[..length]));
    }

    [Fact]
    public void A_token_with_a_verdict_that_does_not_exist_is_refused()
    {
        const string Verdict15 =
            "kmap1-AgZuZXN0ZWQAAgIEAAECAAYyLjYuMTUL0Kd1jfO1QloGcmFuZG9tAQF3IDIgb2YgMiB0YXNrcyBjYW4gbmV2ZXIgcnVuIGFnYWluAA8DAgEDAwUBBZvskOM";

        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Token.Parse(Verdict15));

        Assert.StartsWith(
            "the token was not written by kmaplab: it says a class of failure with number ",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_a_newer_version_says_so()
    {
        string token = s_token.Replace("kmap2-", "kmap9-", StringComparison.Ordinal);
        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Token.Parse(token));

        Assert.Equal("the token has version 9 and this kmaplab reads up to 2: use a newer kmaplab", error.Message);
    }

    [Fact]
    public void A_token_with_a_class_of_failure_that_there_is_not_is_refused()
    {
        string token = ScheduleGen.Token.Format(new Schedule { Scenario = "churn", Verdict = (FailureClass)99 });

        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Token.Parse(token));

        Assert.Equal(
            "the token was not written by kmaplab: it says a class of failure with number 99, which only a newer one "
            + "could know",
            error.Message);
    }
}
