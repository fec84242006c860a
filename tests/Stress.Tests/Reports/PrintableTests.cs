using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Reports;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain-1.schedule", "plain-1.schedule")]
    [InlineData("Grüße 语 🙂", "Grüße 语 🙂")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("one\ntwo\r\tthree", "one\\ntwo\\r\\tthree")]
    [InlineData("\u009b2J", "\\u009b2J")]
    [InlineData("a\u202ecba\u2066", "a\\u202ecba\\u2066")]
    [InlineData("a\u2028b", "a\\u2028b")]
    public void A_value_shows_only_visible_letters(string value, string shown) =>
        Assert.Equal(shown, Printable.Of(value));

    [Fact]
    public void A_long_value_is_cut_between_letters()
    {
        string shown = Printable.Of(string.Concat(Enumerable.Repeat("🙂", 1000)));

        Assert.EndsWith("🙂...", shown, StringComparison.Ordinal);
        Assert.Equal(Printable.LettersMax + "...".Length, shown.Length);
    }

    [Fact]
    public void A_long_line_keeps_its_end_which_says_what_to_do()
    {
        string line = Printable.Line($"there is no '{new string('x', 100_000)}';\nname a file");

        Assert.StartsWith("there is no 'xxx", line, StringComparison.Ordinal);
        Assert.EndsWith("'; name a file", line, StringComparison.Ordinal);
        Assert.True(line.Length < 3_000);
    }

    [Theory]
    [InlineData("out/a-1.schedule", "out/a-1.schedule")]
    [InlineData("my out/$x", "'my out/$x'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("a\u001b'", "$'a\\u001b\\''")]
    public void A_word_of_a_command_line_is_quoted_where_a_shell_needs_it(string word, string quoted) =>
        Assert.Equal(quoted, Printable.Argument(word));

    [Fact]
    public void Text_for_people_keeps_its_lines_and_steers_no_terminal()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var printable = new PrintableWriter(text);

        printable.WriteLine("one\n two\u001b[2J");
        printable.Write('\u0007');

        Assert.Equal("one\n two\\u001b[2J\n\\u0007", text.ToString());
    }
}
