using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Commands;

public sealed class ExploreCommandTests : CommandLineTest
{
    [Fact]
    public void A_failure_is_told_kept_and_runs_again_from_its_file()
    {
        Assert.Equal(
            ExitCode.Failure,
            Run("explore", "nested", "--tasks", "2", "--slots", "2", "--depth", "2", "--no-minimize"));

        string path = Directory.GetFiles(Folder, "*.schedule").Single();
        Assert.Contains("deadlock after", Out, StringComparison.Ordinal);
        Assert.Contains("2 of 2 tasks can never run again", Out, StringComparison.Ordinal);
        Assert.Contains("wants page 1 mapped", Out, StringComparison.Ordinal);
        Assert.Contains("holds 1 mapping of page 2", Out, StringComparison.Ordinal);
        Assert.Contains($"To run it again: kmaplab replay {path}", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", path));
        Assert.Contains("reproduced deadlock", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_runs_again_from_its_token()
    {
        JsonElement found = RunForJson(ExitCode.Failure, "explore", "no-recheck", "--executions", "5000")
            .GetProperty("failure");

        JsonElement replay = RunForJson(ExitCode.Clean, "replay", found.GetProperty("token").GetString()!);

        Assert.True(replay.GetProperty("reproduced").GetBoolean());
        Assert.Equal(found.GetProperty("class").GetString(), replay.GetProperty("class").GetString());
        Assert.Equal(found.GetProperty("message").GetString(), replay.GetProperty("message").GetString());
        Assert.Equal(found.GetProperty("steps").GetInt32(), replay.GetProperty("steps").GetInt32());
        Assert.Equal(found.GetProperty("preemptions").GetInt32(), replay.GetProperty("preemptions").GetInt32());
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_jobs()
    {
        string one = Explored("1");
        string[] schedules = ReadSchedules();

        string two = Explored("2");

        Assert.Equal(one, two);
        Assert.Equal(2, schedules.Length); // What was found, and its smallest form.
        Assert.Equal(schedules, ReadSchedules());
    }

    [Fact]
    public void The_correct_port_shows_nothing_where_the_pool_is_large_enough()
    {
        JsonElement report = RunForJson(
            ExitCode.Clean,
            "explore",
            "nested",
            "--tasks",
            "3",
            "--slots",
            "4",
            "--depth",
            "2",
            "--executions",
            "5000",
            "--strategy",
            "random");

        Assert.Equal(JsonValueKind.Null, report.GetProperty("failure").ValueKind);
        Assert.Equal(5000, report.GetProperty("executions").GetInt64());
        Assert.Equal(3.0 / 5000, report.GetProperty("estimate").GetProperty("atMost").GetDouble());
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public void Keeping_going_counts_the_failures_and_keeps_the_first()
    {
        long first = RunForJson(ExitCode.Failure, "explore", "no-recheck")
            .GetProperty("failure")
            .GetProperty("execution")
            .GetInt64();

        JsonElement all = RunForJson(ExitCode.Failure, "explore", "no-recheck", "--executions", "5000", "--keep-going");

        Assert.Equal(5000, all.GetProperty("executions").GetInt64());
        Assert.True(all.GetProperty("failures").GetInt64() > 1);
        Assert.Equal(first, all.GetProperty("failure").GetProperty("execution").GetInt64());
    }

    [Fact]
    public void An_interrupted_search_says_so_and_has_no_answer()
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();

        int code = LabProgram.Run(
            ["explore", "churn", "--out", Folder],
            new Terminal(stdout, stderr, Cancellation: new CancellationToken(canceled: true)));

        Assert.Equal(ExitCode.NoAnswer, code);
        Assert.Contains("interrupted", stdout.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("races", "no-recheck")]
    [InlineData("frontier")]
    [InlineData("frontier", "--starvation")]
    [InlineData("tour")]
    [InlineData("verify", "churn")]
    public void Whatever_is_interrupted_says_so_and_has_no_answer(params string[] args)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();

        int code = LabProgram.Run(
            [.. args, "--out", Folder],
            new Terminal(stdout, stderr, Cancellation: new CancellationToken(canceled: true)));

        Assert.Equal(ExitCode.NoAnswer, code);
        Assert.Contains("interrupted", stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_of_another_build_says_so_and_stops_where_it_no_longer_fits()
    {
        Assert.Equal(ExitCode.Failure, Run("explore", "no-wakeup", "--no-minimize"));
        string path = Directory.GetFiles(Folder, "*.schedule").Single();
        Scheduler.Schedules.Schedule schedule = Product.Files.Load(path);
        Product.Files.Save(path, schedule with { Variant = null, Build = schedule.Build + 1 });

        JsonElement report = RunForJson(ExitCode.Failure, "replay", path);

        Assert.False(report.GetProperty("reproduced").GetBoolean());
        Assert.False(report.GetProperty("sameBuild").GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, report.GetProperty("divergence").ValueKind);
        Assert.Contains("the schedule is from another build", Error, StringComparison.Ordinal);
    }

    // A lost wake-up that takes two preemptions (which MinimizeCommandTests knows to be the least).
    [Theory]
    [InlineData("preemptions:1", false)]
    [InlineData("preemptions:2", true)]
    [InlineData("pct:3", true)]
    public void A_bound_of_a_strategy_is_kept(string strategy, bool finds)
    {
        int code = Run(
            "explore", "queue-after-unlock", "--strategy", strategy, "--executions", "3000", "--no-minimize");

        Assert.Equal(finds ? ExitCode.Failure : ExitCode.Clean, code);
    }

    [Fact]
    public void No_bound_is_claimed_for_a_strategy_whose_executions_learn_from_each_other()
    {
        JsonElement report = RunForJson(ExitCode.Clean, "explore", "churn", "--executions", "600", "--strategy", "pct");

        Assert.Equal(JsonValueKind.Null, report.GetProperty("estimate").ValueKind);
        Assert.Equal(512, report.GetProperty("compared").GetInt32());
        Assert.InRange(report.GetProperty("distinct").GetInt32(), 100, 512);
        Assert.True(report.GetProperty("classes").GetProperty("seenOnce").GetInt32() > 0);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("classes").GetProperty("newProbability").ValueKind);
    }

    [Fact]
    public void What_is_new_is_estimated_where_executions_are_independent_and_nothing_has_stopped_them()
    {
        string[] random = ["explore", "churn", "--strategy", "random"];
        JsonElement few = Classes(ExitCode.Clean, [.. random, "--tasks", "2", "--slots", "1", "--rounds", "1"]);
        JsonElement many = Classes(ExitCode.Clean, [.. random, "--executions", "600"]);

        Assert.InRange(few.GetProperty("newProbability").GetDouble(), 0, 0.05);
        Assert.InRange(few.GetProperty("newAtMost").GetDouble(), 0.001, 0.1);
        Assert.InRange(many.GetProperty("newProbability").GetDouble(), 0.8, 1);
        Assert.Equal(0.95, many.GetProperty("confidence").GetDouble());
        Assert.Equal(
            JsonValueKind.Null,
            RunForJson(ExitCode.Failure, "explore", "no-wakeup", "--no-minimize").GetProperty("classes").ValueKind);
    }

    [Fact]
    public void Pct_states_its_bound_by_depth_where_it_holds()
    {
        string[] small = ["explore", "churn", "--tasks", "2", "--slots", "1", "--rounds", "1", "--executions", "600"];

        JsonElement one = Bounds([.. small, "--strategy", "pct:2"])[0];
        Assert.Equal(
            1.0 / (2 * one.GetProperty("steps").GetInt32()), one.GetProperty("shownAtLeast").GetDouble(), 12);
        Assert.Equal(598, one.GetProperty("executions").GetInt32());
        Assert.Equal(3, Bounds([.. small, "--strategy", "pct"]).GetArrayLength());
        Assert.Equal(0, Bounds(small).GetArrayLength());
        Assert.Equal(
            0, Bounds(["explore", "migrate", "--executions", "600", "--strategy", "pct:2"]).GetArrayLength());
    }

    [Theory]
    [InlineData("guided")]
    [InlineData("rare")]
    [InlineData("auto")]
    public void Where_executions_return_to_where_others_failed_random_ones_tell_how_rare_it_is(string strategy)
    {
        string[] explored = ["explore", "local-tlb-flush", "--strategy", strategy];
        JsonElement estimate = RunForJson(ExitCode.Failure, explored).GetProperty("estimate");
        Assert.Equal("random", estimate.GetProperty("strategy").GetString());
        Assert.True(estimate.GetProperty("atLeast").GetDouble() > 0);

        Assert.Equal(ExitCode.Failure, Run(explored));
        Assert.Contains(" further executions with --strategy random show it, ", Out, StringComparison.Ordinal);
        JsonElement none = RunForJson(ExitCode.Failure, [.. explored, "--no-minimize", "--keep-going"]);
        Assert.Equal(JsonValueKind.Null, none.GetProperty("estimate").ValueKind);
        JsonElement clean = RunForJson(ExitCode.Clean, "explore", "churn", "--executions", "600", "--strategy", strategy);
        Assert.Equal(JsonValueKind.Null, clean.GetProperty("estimate").ValueKind);
        Assert.Equal(JsonValueKind.Null, clean.GetProperty("classes").GetProperty("newProbability").ValueKind);
        Assert.Equal(0, clean.GetProperty("pctBounds").GetArrayLength());
        Assert.Equal(512, clean.GetProperty("curve")[9].GetProperty("executions").GetInt32());
    }

    private JsonElement Bounds(string[] arguments) =>
        RunForJson(ExitCode.Clean, arguments).GetProperty("pctBounds");

    private JsonElement Classes(int code, params string[] arguments) =>
        RunForJson(code, arguments).GetProperty("classes");

    [Fact]
    public void What_is_found_is_told_in_its_smallest_form_which_is_that_of_minimize_and_of_the_tour()
    {
        JsonElement failure = RunForJson(ExitCode.Failure, "explore", "no-recheck").GetProperty("failure");
        JsonElement minimal = failure.GetProperty("minimal");
        JsonElement minimized = RunForJson(
            ExitCode.Clean, "minimize", failure.GetProperty("schedule").GetString()!);
        RaceEntry race = new ScenarioCatalogue(typeof(Churn<>).Assembly).Race("no-recheck");
        RaceFound toured = RaceSearch.Find(race, seed: 1, jobs: 2, TestContext.Current.CancellationToken)!;

        Assert.Equal(failure.GetProperty("execution").GetInt64(), toured.Failed.Number);
        Assert.Equal(
            minimal.GetProperty("after").GetProperty("steps").GetInt32(), toured.Minimal!.Report.Smallest.Steps);
        Assert.True(minimal.GetProperty("minimalProved").GetBoolean());
        foreach (JsonProperty part in minimal.EnumerateObject()
            .Where(part => part.Name is not "target" and not "schedule"))
            Assert.Equal(part.Value.GetRawText(), minimized.GetProperty(part.Name).GetRawText());

        Assert.Equal(ExitCode.Clean, Run("replay", minimal.GetProperty("schedule").GetString()!));
        Assert.Equal(ExitCode.Clean, Run("replay", minimal.GetProperty("token").GetString()!));
    }

    [Fact]
    public void How_often_it_fails_is_counted_in_other_executions_and_has_an_interval()
    {
        JsonElement report = RunForJson(ExitCode.Failure, "explore", "no-recheck", "--strategy", "random");

        JsonElement estimate = report.GetProperty("estimate");
        double share = estimate.GetProperty("failuresPerExecution").GetDouble();
        Assert.Equal(4 * report.GetProperty("executions").GetInt64(), estimate.GetProperty("counted").GetInt64());
        Assert.InRange(share, estimate.GetProperty("atLeast").GetDouble(), estimate.GetProperty("atMost").GetDouble());
        Assert.InRange(
            Math.Pow(1 - share, estimate.GetProperty("toReproduce").GetInt64()), 0.0099, 0.01); // None of them fails.
    }

    [Fact]
    public void What_goes_on_for_ever_is_reduced_to_a_short_way_and_a_short_loop()
    {
        JsonElement failure = RunForJson(
            ExitCode.Failure,
            "explore",
            "script",
            "--slots",
            "1",
            "--script",
            "mA uA xA | mB uB xB",
            "--variant",
            "budget-one-short").GetProperty("failure");

        Assert.Equal("livelock", failure.GetProperty("class").GetString());
        JsonElement minimal = failure.GetProperty("minimal");
        Assert.Equal(1, minimal.GetProperty("loop").GetInt32());
        Assert.False(minimal.GetProperty("minimalProved").GetBoolean());
        Assert.Equal(JsonValueKind.Null, minimal.GetProperty("noReturn").ValueKind);
        string schedule = minimal.GetProperty("schedule").GetString()!;
        Assert.Equal(ExitCode.Clean, Run("replay", schedule));
        Assert.Contains("reproduced livelock", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("replay", minimal.GetProperty("token").GetString()!));
        Assert.Equal(ExitCode.Clean, Run("minimize", failure.GetProperty("schedule").GetString()!));
        int steps = minimal.GetProperty("after").GetProperty("steps").GetInt32();
        Assert.Contains($"{steps} steps, of which the last is gone round for ever", Out, StringComparison.Ordinal);
        Assert.True(steps < failure.GetProperty("steps").GetInt32());
    }

    private string[] ReadSchedules() => [.. Directory.GetFiles(Folder, "*.schedule").Order().Select(File.ReadAllText)];

    // Times are the only things that may differ.
    private string Explored(string jobs)
    {
        Assert.Equal(ExitCode.Failure, Run("explore", "no-recheck", "--seed", "7", "--jobs", jobs, "--json"));
        JsonObject report = JsonNode.Parse(Out)!.AsObject();
        foreach (string time in (string[])["seconds", "stepsPerSecond", "executionsPerSecond"])
            Assert.True(report.Remove(time));

        return report.ToJsonString();
    }
}
