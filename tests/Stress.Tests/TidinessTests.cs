using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Tests;

/// <summary>What a reader of the sources may rely on, as far as a program can see it.</summary>
public sealed partial class TidinessTests
{
    private const int Columns = 120;
    private const int FilesInFolder = 15;
    private const int LinesOfType = 400; // Over all of its files.

    // Types that are longer, and why.
    private static readonly Dictionary<string, string> s_long = new()
    {
        ["Kmaplab.Scheduler.Threads.ThreadMachine"] = "its four files share the state of one run of threads",
        ["Kmaplab.Scheduler.Simulation.Machine"] = "its five files share the state of one machine",
    };

    [Fact]
    public void No_comment_is_wider_than_120_columns()
    {
        string[] sources = [.. Sources()];

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
    public void No_folder_has_more_files_than_can_be_seen_at_once()
    {
        string root = Checkout.RootOrSkip();
        IEnumerable<string> crowded = Sources()
            .GroupBy(source => Path.GetRelativePath(root, Path.GetDirectoryName(source)!).Replace('\\', '/'))
            .Where(folder => folder.Count() > FilesInFolder)
            .Select(folder => folder.Key);

        Assert.NotEmpty(Sources());
        Assert.Empty(crowded);
    }

    [Fact]
    public void No_type_is_longer_than_can_be_read_at_once()
    {
        (string Name, int Lines)[] types =
        [
            .. Sources()
                .SelectMany(source => TypeLengths.In(File.ReadAllLines(source)))
                .GroupBy(type => type.Name)
                .Select(parts => (parts.Key, parts.Sum(part => part.Lines))),
        ];
        IEnumerable<string> tooLong = types.Where(type => type.Lines > LinesOfType).Select(type => type.Name);

        Assert.Contains(types, type => type.Name == typeof(TidinessTests).FullName);
        Assert.Equal(s_long.Keys.Order(StringComparer.Ordinal), tooLong.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_type_is_as_long_as_from_its_declaration_to_its_last_brace()
    {
        string[] lines =
        [
            "namespace A.B;", "", "/// <summary>One.</summary>", "public sealed partial class One", "{",
            "    private int _one;", "}", "", "internal readonly record struct Two(int First);", "",
            "internal enum Three", "{", "}",
        ];

        Assert.Equal([("A.B.One", 4), ("A.B.Two", 1), ("A.B.Three", 3)], TypeLengths.In(lines));
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

    private static IEnumerable<string> Sources() =>
        Checkout.Sources("src", "cluster", "stress", "tests", "coyote-tests", "samples");

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
