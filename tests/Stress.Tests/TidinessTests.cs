using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Tests;

/// <summary>What a reader of the sources may rely on, as far as a program can see it.</summary>
public sealed partial class TidinessTests
{
    private const int Columns = 120;

    [Fact]
    public void No_comment_is_wider_than_120_columns()
    {
        string[] sources = [.. Checkout.Sources("src", "cluster", "stress", "tests", "coyote-tests", "samples")];

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(WideComments));
    }

    [Fact]
    public void No_line_of_what_is_no_test_is_wider_than_120_columns()
    {
        string[] sources = [.. Checkout.Sources("src", "cluster", "stress", "samples")];

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(Lines).Where(line => line.Text.Length > Columns).Select(Place));
    }

    [Fact]
    public void The_simulator_and_the_port_ask_no_clock_no_chance_and_no_console()
    {
        string[] sources = [.. Checkout.Sources("src")];

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(source => LinesWith(source, Banned())));
    }

    [Theory]
    [InlineData("var random = new Random(1);")]
    [InlineData("long now = Stopwatch.GetTimestamp();")]
    [InlineData("Console.WriteLine(1);")]
    [InlineData("DateTime now = DateTime.UtcNow;")]
    public void A_banned_call_is_seen(string line) => Assert.Matches(Banned(), line);

    private static IEnumerable<string> WideComments(string source) =>
        Lines(source)
            .Where(line =>
                line.Text.Length > Columns && line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal)
            )
            .Select(Place);

    private static IEnumerable<string> LinesWith(string source, Regex pattern) =>
        Lines(source).Where(line => pattern.IsMatch(line.Text)).Select(Place);

    private static IEnumerable<(string Source, int Number, string Text)> Lines(string source) =>
        File.ReadLines(source).Select((text, index) => (source, index + 1, text));

    private static string Place((string Source, int Number, string Text) line) => $"{line.Source}({line.Number})";

    [GeneratedRegex(
        @"new Random\(|Random\.Shared|DateTime(Offset)?\.(Utc)?Now|Stopwatch\.(StartNew|GetTimestamp)|"
        + @"Thread\.Sleep|Task\.Delay\(|Environment\.TickCount|\bConsole\.")]
    private static partial Regex Banned();
}
