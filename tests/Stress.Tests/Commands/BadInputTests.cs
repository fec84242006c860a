using System.Text;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Commands;

public sealed class BadInputTests : CommandLineTest
{
    [Fact]
    public void An_unknown_target_names_the_nearest() =>
        AssertRefused(
            "there is no scenario or race 'chrun', did you mean 'churn'? (kmaplab scenarios and kmaplab races list "
            + "them; one of an assembly of your own needs --module FILE.dll)",
            "explore",
            "chrun");

    [Fact]
    public void An_unknown_variant_names_the_nearest() =>
        AssertRefused(
            "there is no variant 'no-wakup', did you mean 'no-wakeup'? (kmaplab scenarios lists them; one of an "
            + "assembly of your own needs --module FILE.dll)",
            "explore",
            "churn",
            "--variant",
            "no-wakup");

    [Fact]
    public void An_unknown_command_names_the_nearest() => AssertRefused(
        "'exlpore' is no command or argument here, did you mean 'explore'? (kmaplab --help lists what there is)",
        "exlpore");

    [Fact]
    public void An_unknown_option_names_the_nearest() => AssertRefused(
        "'--task' is no option here, did you mean '--tasks'? (kmaplab explore --help lists what there is)",
        "explore", "churn", "--task", "3");

    [Fact]
    public void Slots_that_are_no_power_of_two_are_refused() => AssertRefused(
        "--slots 3 is no power of two: the kernel's cursor goes round by a mask (1, 2, 4 ... 1024)",
        "explore", "churn", "--slots", "3");

    [Theory]
    [InlineData("--tasks", "0", "churn takes 1 to 65536")]
    [InlineData("--tasks", "65537", "churn takes 1 to 65536")]
    [InlineData("--slots", "2048", "churn takes 1 to 1024")]
    [InlineData("--pages", "0", "churn takes 1 to 65536")]
    [InlineData("--cpus", "-1", "churn takes 1 to 65536")]
    [InlineData("--rounds", "1000001", "churn takes 0 to 1000000, forever or any")]
    public void An_impossible_size_names_the_allowed_range(string option, string value, string range) => AssertRefused(
        $"{option} {value} is impossible: {range}",
        "explore", "churn", option, value);

    [Theory]
    [InlineData("--tasks", "99999999999", 65_536)]
    [InlineData("--slots", "1.5", 1024)]
    [InlineData("--pages", "many", 65_536)]
    [InlineData("--cpus", "-99999999999", 65_536)]
    public void A_size_that_is_no_number_at_all_names_the_range_too(string option, string value, int max) =>
        AssertRefused(
            $"{option} takes a number from 1 to {max}, not '{value}' (kmaplab explore --help lists what there is)",
            "explore",
            "churn",
            option,
            value);

    [Theory]
    [InlineData("TARGET", "explore", "")]
    [InlineData("TARGET", "verify", "")]
    [InlineData("FILE|TOKEN", "replay", "")]
    [InlineData("TARGET|FILE|TOKEN", "play", "")]
    [InlineData("PATH", "conform", "")]
    [InlineData("PATH", "oracle", "")]
    [InlineData("FILE", "record", "")]
    [InlineData("NAME", "races", "")]
    [InlineData("--out", "tour", "--out", "")]
    [InlineData("--module", "scenarios", "--module", "")]
    [InlineData("--filter", "bench", "--filter", "")]
    [InlineData("--variant", "explore", "churn", "--variant", "")]
    [InlineData("--script", "explore", "script", "--script", "")]
    public void An_empty_value_is_refused(string what, params string[] args) => AssertRefused(
        $"{what} is empty: kmaplab {args[0]} --help says what it takes", args);

    [Theory]
    [InlineData("explore")]
    [InlineData("verify")]
    [InlineData("replay")]
    [InlineData("conform")]
    [InlineData("oracle")]
    [InlineData("record")]
    [InlineData("explore", "churn", "--tasks")]
    [InlineData("explore", "churn", "--tasks", "1", "--tasks", "2")]
    [InlineData("explore", "churn", "churn")]
    [InlineData("explore", "churn", "--jobs", "0")]
    [InlineData("explore", "churn", "--jobs", "257")]
    [InlineData("explore", "churn", "--seed", "-1")]
    [InlineData("explore", "churn", "--seed", "18446744073709551616")]
    [InlineData("explore", "churn", "--executions", "0")]
    [InlineData("explore", "churn", "--executions", "99999999999999999999")]
    [InlineData("explore", "churn", "--seconds", "-1")]
    [InlineData("explore", "churn", "--seconds", "NaN")]
    [InlineData("explore", "churn", "--keep-goin")]
    [InlineData("verify", "churn", "--slots", "3")]
    [InlineData("verify", "churn", "--max-states", "0")]
    [InlineData("verify", "churn", "--max-memory", "99999999999")]
    [InlineData("verify", "churn", "--liveness-states", "-1")]
    [InlineData("verify", "chrun")]
    [InlineData("frontier", "--tasks-max", "0")]
    [InlineData("frontier", "--slots-max", "17")]
    [InlineData("frontier", "--depth-max", "x")]
    [InlineData("races", "no-wakup")]
    [InlineData("races", "no-wakeup", "no-recheck")]
    [InlineData("scenarios", "churn")]
    [InlineData("releases", "2.6.12")]
    [InlineData("tour", "churn")]
    [InlineData("tour", "--tasks", "3")]
    [InlineData("bench", "--filter", "nothing")]
    [InlineData("conform", "no-such-trace.jsonl")]
    [InlineData("oracle", "no-such-file.json")]
    [InlineData("record", "trace.txt")]
    [InlineData("record", "trace.jsonl", "--kind", "corse")]
    [InlineData("record", "trace.jsonl", "--slots", "3")]
    [InlineData("record", "trace.jsonl", "--tasks", "0")]
    [InlineData("record", "trace.jsonl", "--steps", "99999999999")]
    public void A_request_that_makes_no_sense_is_one_line_on_stderr_and_exit_code_2(params string[] args)
    {
        Assert.Equal(2, Run(args));

        Assert.Empty(Out);
        string line = Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.StartsWith("kmaplab: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData("often")]
    [InlineData("-1")]
    [InlineData("-2")]
    public void Rounds_that_are_no_number_are_refused(string rounds) => AssertRefused(
        $"--rounds takes a number, 'forever' or 'any', not '{rounds}' (kmaplab explore --help lists what there is)",
        "explore", "churn", "--rounds", rounds);

    [Fact]
    public void An_unknown_strategy_is_refused()
    {
        Assert.Equal(2, Run("explore", "churn", "--strategy", "luck"));
        Assert.StartsWith("kmaplab: there is no strategy 'luck'", Error, StringComparison.Ordinal);
        AssertRefused(
            "there is no strategy 'pcd', did you mean 'pct'? "
            + "(there is auto, delay, guided, kinds, pct, pos, preemptions, random, rare, starve, surw, urw)",
            "explore", "churn", "--strategy", "pcd");
    }

    [Theory]
    [InlineData("pct:7", "the depth of pct is 1 to 6, not '7'; with pct alone it is drawn for each execution")]
    [InlineData("pct:0", "the depth of pct is 1 to 6, not '0'; with pct alone it is drawn for each execution")]
    [InlineData(
        "preemptions:many",
        "the number of preemptions of preemptions is 0 to 4, not 'many'; with preemptions alone it is drawn for each "
        + "execution")]
    [InlineData("random:2", "the strategy random takes no number, so not 'random:2': leave it out")]
    public void A_bound_that_a_strategy_does_not_take_is_refused(string strategy, string message) =>
        AssertRefused(message, "explore", "churn", "--strategy", strategy);

    [Fact]
    public void An_unknown_release_is_refused()
    {
        Assert.Equal(2, Run("explore", "churn", "--release", "2.6.16"));
        Assert.StartsWith("kmaplab: --release '2.6.16' is not ported: 2.6.12,", Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mA yA")]
    [InlineData("mA xA |")]
    [InlineData("uA")]
    [InlineData("mA w7")]
    public void A_script_that_makes_no_sense_is_refused(string script)
    {
        Assert.Equal(2, Run("explore", "script", "--script", script));
        Assert.Single(Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_any_work()
    {
        string file = Path.Combine(Folder, "file");
        File.WriteAllText(file, "");

        Assert.Equal(2, Run("explore", "no-wakeup", "--out", Path.Combine(file, "inside")));

        Assert.StartsWith("kmaplab: --out '", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.Equal([file], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void A_schedule_that_is_not_there_is_refused() =>
        AssertRefused(
            "there is no file 'none.schedule', and it is no token either: tokens begin with 'kmap2-'",
            "replay", "none.schedule");

    [Fact]
    public void An_impossible_size_is_refused_by_a_scenario_that_ignores_it_too() =>
        AssertRefused("--tasks 0 is impossible: script takes 1 to 65536", "explore", "script", "--tasks", "0");

    [Fact]
    public void A_folder_is_no_file_of_programs() =>
        AssertRefused($"'{Folder}' is a folder: name a file of programs in it", "oracle", Folder);

    [Fact]
    public void A_folder_is_no_schedule() =>
        AssertRefused($"'{Folder}' is a folder: name a schedule file in it, or paste a token", "replay", Folder);

    [Fact]
    public void A_folder_in_the_place_of_a_schedule_takes_nothing_away()
    {
        string place = Path.Combine(Folder, "no-wakeup-lost-wakeup-1-1.schedule");
        Directory.CreateDirectory(place);

        string schedule = RunForJson(1, "explore", "no-wakeup", "--no-minimize", "--no-report")
            .GetProperty("failure")
            .GetProperty("schedule")
            .GetString()!;

        Assert.Equal(0, Run("replay", schedule));
        Assert.Equal(2, Directory.GetFileSystemEntries(Folder).Length);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_told_in_one_line()
    {
        using var stderr = new StringWriter();
        using var full = new FullWriter();

        Assert.Equal(2, LabProgram.Run(["releases"], new Terminal(full, stderr)));

        Assert.Equal(
            "kmaplab: cannot read or write: no space; check the place and its free space, then run the same "
            + $"again{Environment.NewLine}",
            stderr.ToString());
    }

    [Fact]
    public void An_error_that_nobody_can_read_still_has_its_exit_code()
    {
        using var full = new FullWriter();

        Assert.Equal(2, LabProgram.Run(["explore", "chrun"], new Terminal(full, full)));
    }

    [Fact]
    public void A_foreign_file_is_refused()
    {
        string path = Path.Combine(Folder, "letter.txt");
        File.WriteAllText(path, "Dear Linus,\n");

        AssertRefused($"{path} is not a schedule: it does not begin with 'kmaplab schedule'", "replay", path);
    }

    [Fact]
    public void A_cut_off_schedule_is_refused()
    {
        string path = FailingSchedule();
        File.WriteAllText(path, File.ReadAllText(path)[..^30]);

        AssertRefused($"{path} is cut off: its closing line is missing", "replay", path);
    }

    [Fact]
    public void A_schedule_of_a_newer_version_is_refused()
    {
        string path = FailingSchedule();
        string newer = File.ReadAllText(path).Replace("schedule 2\n", "schedule 3\n", StringComparison.Ordinal);
        File.WriteAllText(path, newer);

        AssertRefused($"{path} has version 3 and this kmaplab reads up to 2: use a newer kmaplab", "replay", path);
    }

    [Fact]
    public void A_token_with_a_typo_is_refused() =>
        AssertRefused("the token has a typo or is incomplete: its checksum is wrong", "replay", "kmap1-AAAAAAAAAAAA");

    [Fact]
    public void A_module_that_is_no_assembly_is_refused()
    {
        string path = Path.Combine(Folder, "module.dll");
        File.WriteAllText(path, "no assembly");

        Assert.Equal(2, Run("scenarios", "--module", path));
        Assert.StartsWith($"kmaplab: --module '{path}' cannot be loaded: ", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_not_there_is_refused() => AssertRefused(
        "--module 'none.dll' is no file: give the path of an assembly, FILE.dll", "scenarios", "--module", "none.dll");

    private string FailingSchedule()
    {
        Assert.Equal(1, Run("explore", "no-wakeup", "--no-minimize"));
        return Directory.GetFiles(Folder, "*.schedule").Single();
    }

    private sealed class FullWriter : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => throw new IOException("no space.");

        public override void Write(char value) => throw new IOException("no space.");
    }
}
