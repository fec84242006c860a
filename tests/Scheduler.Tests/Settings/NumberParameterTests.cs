using System.Numerics;
using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Tests.Settings;

public sealed class NumberParameterTests
{
    private static readonly NumberParameter s_buckets = new("buckets", "Buckets of the table")
    {
        Usual = 4,
        Min = 1,
        Max = 64,
        PowerOfTwo = true,
    };

    private static readonly NumberParameter s_rounds = new("rounds", "How often")
    {
        Usual = 1,
        Max = 1000,
        Words = [new ParameterWord("forever", 0), new ParameterWord("any", -1)],
    };

    [Fact]
    public void A_number_that_is_kept_is_read_and_shown_as_the_same_number() =>
        Gen.Int[-1, 1000].Sample(number =>
        {
            string kept = s_rounds.Keep(number);
            string shown = s_rounds.Show(kept);
            return s_rounds.NumberOf(kept) == number && Read(s_rounds, kept) == kept && Read(s_rounds, shown) == kept;
        });

    [Fact]
    public void A_number_is_taken_if_it_is_in_the_range_and_a_power_of_two_and_else_refused() =>
        Gen.Int[-100, 200].Sample(number =>
        {
            bool isRefused = Refusal(() => s_buckets.Check(Set("buckets", $"{number}"), "table")) is not null;
            return isRefused == !(number is >= 1 and <= 64 && BitOperations.IsPow2(number));
        });

    [Theory]
    [InlineData("0", "--set buckets=0 is impossible: table takes 1 to 64")]
    [InlineData("65", "--set buckets=65 is impossible: table takes 1 to 64")]
    [InlineData("-4", "--set buckets=-4 is impossible: table takes 1 to 64")]
    [InlineData("3", "--set buckets=3 is no power of two (1, 2, 4 ... 64)")]
    [InlineData("4.0", "--set buckets takes a number from 1 to 64, not '4.0'")]
    [InlineData("", "--set buckets takes a number from 1 to 64, not ''")]
    [InlineData("99999999999", "--set buckets takes a number from 1 to 64, not '99999999999'")]
    public void What_is_refused_is_repeated_with_what_would_be_right(string text, string message) =>
        Assert.Equal(message, Refusal(() => s_buckets.Check(Set("buckets", text), "table")));

    [Theory]
    [InlineData("-1", "--set rounds takes a number, 'forever' or 'any', not '-1'")]
    [InlineData("1001", "--set rounds=1001 is impossible: table takes 0 to 1000, forever or any")]
    public void A_number_that_a_word_stands_for_is_asked_for_by_the_word_alone(string text, string message) =>
        Assert.Equal(message, Refusal(() => s_rounds.Check(Set("rounds", text), "table")));

    [Theory]
    [InlineData(1, 4, "1, 2, 4")]
    [InlineData(3, 40, "4, 8, 16, 32")]
    [InlineData(0, int.MaxValue, "1, 2, 4 ... 1073741824")]
    public void The_powers_of_two_that_are_possible_are_named(int min, int max, string powers)
    {
        NumberParameter parameter = s_buckets with { Min = min, Max = max };

        string? refusal = Refusal(() => parameter.Check(Set("buckets", "3"), "table"));

        Assert.Equal($"--set buckets=3 is no power of two ({powers})", refusal);
    }

    private static ParameterSetting Set(string name, string text) => ParameterSetting.OfSet(name, text);

    private static string Read(Parameter parameter, string text) => parameter.Read(Set(parameter.Name, text));

    private static string? Refusal(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (UsageException refusal)
        {
            return refusal.Message;
        }
    }
}
