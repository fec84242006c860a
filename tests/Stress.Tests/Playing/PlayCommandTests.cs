using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Screens;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Playing;

/// <summary>play: keys in, pictures out, and a schedule that replay runs.</summary>
public sealed class PlayCommandTests : CommandLineTest
{
    [Fact]
    public void A_digit_lets_that_task_step_and_the_picture_shows_what_it_did()
    {
        ScriptedScreen screen = Play("0q", "churn");

        Assert.Contains("step 0, 0 preemptions", screen.Pictures[0][0], StringComparison.Ordinal);
        Assert.Contains(screen.Pictures[0], line => line.StartsWith("> 0 task 0", StringComparison.Ordinal));
        Assert.Contains("step 1, 0 preemptions", screen.Pictures[1][0], StringComparison.Ordinal);
        Assert.Contains(screen.Pictures[1], line => line.Contains("kmap_lock task 0*", StringComparison.Ordinal));
        Assert.Contains(screen.Pictures[1], line => line.Contains("spins", StringComparison.Ordinal));
        Assert.Contains(screen.Pictures[1], line => line.StartsWith("   1 task 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_failure_that_is_sought_followed_and_saved_is_replayed()
    {
        ScriptedScreen screen = Play("f$sq", "no-wakeup");

        Assert.Contains(screen.Pictures[^2], line => line.StartsWith("LOST-WAKEUP: ", StringComparison.Ordinal));
        Assert.Contains("saved: kmaplab replay ", screen.Pictures[^1][^2], StringComparison.Ordinal);
        string file = Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(Path.Combine(Folder, "no-wakeup-play.schedule"), file);
        Assert.Contains("lost-wakeup: ", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", file));
        Assert.Contains("reproduced lost-wakeup", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_for_a_failure_is_ended_by_a_key_which_does_nothing_else()
    {
        var screen = new ScriptedScreen(ScriptedScreen.Keys("fq")) { AskedInVain = 20 };

        RunOn(screen, "play", "churn");

        Assert.Contains(screen.Pictures, picture => picture.Any(line =>
            line.Contains("any key ends it", StringComparison.Ordinal)));
        Assert.Contains(screen.Pictures[^1], line =>
            line.StartsWith("ended by a key: none found within ", StringComparison.Ordinal));
        Assert.Contains("step 0, ", screen.Pictures[^1][0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_before_anything_failed_is_replayed_too()
    {
        Play("001sq", "churn");

        Assert.Equal(ExitCode.Clean, Run("replay", Assert.Single(Directory.GetFiles(Folder))));
    }

    [Theory]
    [InlineData("--tasks", "3")]
    [InlineData("--preempt", "off")]
    [InlineData("--variant", "no-wakeup")]
    public void A_schedule_says_its_sizes_itself(string option, string value)
    {
        Play("0sq", "churn");
        string file = Assert.Single(Directory.GetFiles(Folder));

        int code = RunOn(new ScriptedScreen(ScriptedScreen.Keys("q")), "play", file, option, value);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith(
            $"kmaplab: {option} is for a scenario or a race: a schedule says what was booted",
            Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_lies_ahead_and_is_gone_along_step_by_step()
    {
        Play("f$sq", "no-wakeup");
        string file = Assert.Single(Directory.GetFiles(Folder));

        ScriptedScreen screen = Play(">>q", file);

        Assert.Contains("ahead", screen.Pictures[0][^2], StringComparison.Ordinal);
        Assert.Contains("step 2, ", screen.Pictures[2][0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_with_a_choice_is_asked_for_it()
    {
        ScriptedScreen screen = Play("a0\nq", "churn", "--tasks", "2", "--rounds", "any");

        Assert.Contains("has a choice", screen.Pictures[2][^2], StringComparison.Ordinal);
        Assert.Contains(screen.Pictures[2], line => line.StartsWith(">  task 0 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Undo_at_the_start_and_keys_that_mean_nothing_say_so()
    {
        ScriptedScreen screen = Play("<>z9q", "churn");

        Assert.Equal(
            ["this is the start", "nothing is ahead", "no such key", "there is no task 9"],
            screen.Pictures.Skip(1).Select(picture => picture[^2].Split(':')[0]));
    }

    [Fact]
    public void Help_tells_every_key_of_the_bar()
    {
        ScriptedScreen screen = Play("?xq", "churn");

        Assert.Contains(screen.Pictures[1], line => line.Contains("look for a way to a failure", StringComparison.Ordinal));
        Assert.Equal(screen.Pictures[0][1..^2], screen.Pictures[2][1..^2]);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    public void A_picture_fills_the_terminal_and_no_more(int columns, int rows)
    {
        ScriptedScreen screen = Play("000111222?xq", (columns, rows), "churn", "--tasks", "30", "--pages", "40");
        screen = Play("0v111222f?xq", (columns, rows), "nested");

        Assert.All(screen.Pictures, picture => Assert.Equal(rows, picture.Length));
        Assert.All(
            screen.Pictures,
            picture => Assert.All([picture[0], picture[^1]], bar => Assert.Equal(columns, bar.Length)));
    }

    [Fact]
    public void Whatever_a_name_holds_does_not_steer_the_terminal()
    {
        string drawn = ConsoleScreen.Render([new ScreenLine().Add("a\e[2Jb\nc")], 80, 24, hasColor: false);

        Assert.DoesNotContain("\e[2J", drawn, StringComparison.Ordinal);
        Assert.Contains(@"a\u001b[2Jb c", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_cut_by_the_columns_that_it_takes()
    {
        Assert.Equal("abcd…", new ScreenLine().Add("abc").Add("defg").Cut(5).Text);
        Assert.Equal("漢…", new ScreenLine().Add("漢字漢").Cut(4).Text);
        Assert.Equal("abcde", new ScreenLine().Add("abc").Add("de").Cut(5).Text);
    }

    [Fact]
    public void Without_a_terminal_it_is_refused() => AssertRefused(
        "play needs a terminal for keys and for what it draws: it cannot read a file or write into a pipe",
        "play",
        "churn");

    [Fact]
    public void A_terminal_that_is_too_small_is_told_the_size()
    {
        using var stderr = new StringWriter();
        var screen = new ScriptedScreen { Size = (79, 24) };

        int code = LabProgram.Run(["play", "churn"], new Terminal(TextWriter.Null, stderr), screen);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(
            $"kmaplab: play needs a terminal of 80 x 24, and this one has 79 x 24: enlarge it, and start again{Environment.NewLine}",
            stderr.ToString());
        Assert.Empty(screen.Pictures);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_takes_nothing_away()
    {
        string file = Path.Combine(Folder, "file");
        File.WriteAllText(file, "");

        ScriptedScreen screen = Play("0sq", (100, 30), "churn", "--out", Path.Combine(file, "out"));

        Assert.Contains("not saved: --out", screen.Pictures[^1][^2], StringComparison.Ordinal);
        Assert.Contains("token: kmap", Out, StringComparison.Ordinal);
    }

    private ScriptedScreen Play(string keys, params string[] args) => Play(keys, (100, 30), args);

    private ScriptedScreen Play(string keys, (int Columns, int Rows) size, params string[] args)
    {
        var screen = new ScriptedScreen(ScriptedScreen.Keys(keys)) { Size = size };
        int code = RunOn(screen, ["play", .. args]);
        Assert.True(code == ExitCode.Clean, Error);
        Assert.False(screen.IsOurs);
        return screen;
    }
}
