using System.Text.Json;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>explain: text on the terminal, files for the other forms, one line for what makes no sense.</summary>
public sealed class ExplainCommandTests : CommandLineTest
{
    [Fact]
    public void The_text_tells_the_story_the_pair_and_every_step()
    {
        Assert.Equal(ExitCode.Clean, Run("explain", Schedule()));

        Assert.StartsWith("script+no-wakeup: lost-wakeup: 1 of 2 tasks can never run again", Out, StringComparison.Ordinal);
        Assert.Contains("critical pair", Out, StringComparison.Ordinal);
        Assert.Contains("goes to sleep", Out, StringComparison.Ordinal);
        Assert.Contains("in kmap_high, HighMemory.Pkmap.cs:", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_form_makes_a_file_that_json_names()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean, "explain", Schedule(), "--format", "html", "--format", "json", "--format", "perfetto",
            "--format", "ftrace", "--format", "tracedat", "--format", "sarif", "--format", "mermaid", "--format", "dot");

        string[] files = [.. report.GetProperty("files").EnumerateArray().Select(file => file.GetString()!)];
        Assert.Equal(8, files.Length);
        Assert.All(files, file => Assert.True(new FileInfo(file).Length > 0));
        Assert.Equal("lost-wakeup", report.GetProperty("class").GetString());
    }

    [Fact]
    public void A_page_asks_for_nothing_from_outside_and_is_small()
    {
        Run("explain", Schedule(), "--format", "html");

        string page = File.ReadAllText(Assert.Single(Directory.GetFiles(Folder, "*.html")));
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.True(page.Length < 250_000);
    }

    [Theory]
    [InlineData("ftrace")]
    [InlineData("mermaid")]
    [InlineData("dot")]
    public void The_same_schedule_makes_the_same_file(string format)
    {
        string schedule = Schedule();
        string[] before = Directory.GetFiles(Folder);
        Run("explain", schedule, "--format", format);
        string path = Assert.Single(Directory.GetFiles(Folder).Except(before));
        byte[] first = File.ReadAllBytes(path);
        Run("explain", schedule, "--format", format);

        Assert.Equal(first, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_format_that_does_not_exist_is_refused_with_the_nearest() => AssertRefused(
        "there is no format 'htlm', did you mean 'html'?; there is text, html, json, perfetto, ftrace, tracedat, sarif, mermaid, dot",
        "explain",
        Schedule(),
        "--format",
        "htlm");

    [Fact]
    public void An_output_that_cannot_be_written_is_refused_before_any_work()
    {
        string schedule = Schedule();
        string place = Path.Combine(Folder, "file");
        File.WriteAllText(place, "");

        Assert.Equal(ExitCode.Usage, Run("explain", schedule, "--format", "html", "--out", place));
        Assert.Matches(@"^kmaplab: --out '.*' cannot be written: .*\n$", Error);
    }

    [Fact]
    public void A_schedule_of_another_build_is_shown_and_said_to_be_one()
    {
        string schedule = Schedule();
        Run("replay", schedule, "--json");
        string text = File.ReadAllText(schedule);
        string path = Path.Combine(Folder, "other.schedule");
        File.WriteAllText(path, WithOtherBuild(text));

        Assert.Equal(ExitCode.Clean, Run("explain", path, "--format", "html"));
        Assert.StartsWith("kmaplab: the schedule is from another build (", Error, StringComparison.Ordinal);
        Assert.Contains("recorded with another build", File.ReadAllText(Path.Combine(Folder, "other.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_that_no_longer_fits_is_shown_as_far_as_it_does_and_never_called_clean()
    {
        Schedule schedule = Product.Files.Load(Schedule());
        string path = Path.Combine(Folder, "left.schedule");
        Product.Files.Save(path, schedule with { Transitions = [.. schedule.Transitions[..5], Transition.Interrupt(0, 0)] });

        Assert.Equal(ExitCode.Failure, Run("explain", path, "--format", "html", "--format", "text"));
        Assert.Contains("not reproduced: left its schedule at step 6 of 6", Out, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(Folder, "left.html"));
        Assert.Contains("not reproduced", page, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing wrong", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_that_is_too_long_to_be_looked_at_is_refused()
    {
        Schedule schedule = Product.Files.Load(Schedule());
        string path = Path.Combine(Folder, "long.schedule");
        Product.Files.Save(path, schedule with { Transitions = [.. Enumerable.Repeat(Transition.Step(0), 100_001)] });

        AssertRefused(
            "the schedule has 100001 steps, and at most 100000 are explained: make it smaller (kmaplab minimize)",
            "explain",
            path,
            "--format",
            "html");
    }

    [Fact]
    public void The_critical_pair_is_not_sought_in_long_schedules()
    {
        Run("explore", "churn", "--variant", "no-wakeup", "--tasks", "4", "--slots", "2", "--rounds", "60");
        Assert.Equal(ExitCode.Clean, Run("explain", Directory.GetFiles(Folder, "*.schedule")[0]));

        Assert.DoesNotContain("critical pair", Out, StringComparison.Ordinal);
        Assert.Contains("left out", Out, StringComparison.Ordinal);
    }

    private static string WithOtherBuild(string text)
    {
        string body = string.Join('\n', text.Split('\n').TakeWhile(line => !line.StartsWith("end ", StringComparison.Ordinal))
            .Select(line => line.StartsWith("build: ", StringComparison.Ordinal) ? "build: 0000000000000001" : line)) + "\n";
        ulong checksum = System.IO.Hashing.XxHash64.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(body));
        return $"{body}end {checksum:x16}\n";
    }

    private string Schedule()
    {
        Run("explore", "no-wakeup", "--no-report");
        return Directory.GetFiles(Folder, "*.schedule")[0];
    }
}
