using System.Text.Json;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Races.Trials;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Modules;

namespace Kmaplab.Stress.Tests.Commands;

public sealed class MinimizeCommandTests : CommandLineTest
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string> Races => [.. s_catalogue.Races.Select(race => race.Name)];

    [Fact]
    public void The_smallest_schedule_is_kept_and_runs_again_and_the_steps_that_matter_are_named()
    {
        string found = Explored("queue-after-unlock");

        JsonElement report = RunForJson(ExitCode.Clean, "minimize", found);

        Assert.True(report.GetProperty("minimalProved").GetBoolean());
        Assert.Equal(2, report.GetProperty("after").GetProperty("preemptions").GetInt32());
        JsonElement pair = report.GetProperty("criticalPair");
        Assert.Equal("kunmap_high", pair.GetProperty("first").GetProperty("function").GetString());
        Assert.Equal("add_wait_queue(pkmap_map_wait)", pair.GetProperty("second").GetProperty("text").GetString());
        Assert.Equal("mA xA | mB", report.GetProperty("parameters").GetProperty("script").GetString());
        Assert.Equal(ExitCode.Clean, Run("replay", report.GetProperty("schedule").GetString()!));
        Assert.Equal(ExitCode.Clean, Run("replay", report.GetProperty("token").GetString()!));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Every_race_has_a_smallest_schedule_and_it_is_proved(string name)
    {
        RaceEntry race = s_catalogue.Race(name);
        RaceFound found = RaceSearch.Find(race, seed: 1, jobs: 1, TestContext.Current.CancellationToken)!;

        MinimalForm form = found.Minimal!;

        Assert.True(form.Report.IsProved);
        Assert.InRange(form.Report.Smallest.Preemptions, 0, form.Report.Given.Preemptions);
        Assert.True(new Replay(new Machine(form.Experiment.Boot()))
            .Run(form.Report.Smallest.Schedule, found.Failed.Finding.Class).Reproduced);
    }

    [Theory]
    [InlineData("mA xA", "explore", "count-from-two")] // Without xA the port itself leaks.
    [InlineData("mA xA xA | mB", "explore", "double-kunmap")] // With one task less it would fail in every order.
    public void A_script_loses_what_the_failure_can_do_without_and_nothing_else(string script, params string[] args) =>
        Assert.Equal(script, SmallestOf(args).GetProperty("script").GetString());

    [Fact]
    public void Two_tasks_that_keep_slots_from_each_other_do_not_become_one_that_has_too_few() => Assert.Equal(
        2, SmallestOf("explore", "nested", "--tasks", "2", "--slots", "2", "--depth", "2")
            .GetProperty("tasks").GetInt32());

    [Fact]
    public void What_is_too_big_to_be_searched_is_found_again_at_sizes_that_are_not()
    {
        JsonElement sizes = SmallestOf(
            "explore", "churn", "--tasks", "5", "--pages", "5", "--rounds", "5", "--variant", "queue-after-unlock");

        Assert.Equal(2, sizes.GetProperty("tasks").GetInt32());
        Assert.Equal(1, sizes.GetProperty("slots").GetInt32());
        Assert.Equal(1, sizes.GetProperty("rounds").GetInt32());
    }

    [Fact]
    public void An_endless_run_is_found_again_at_smaller_sizes()
    {
        string module = typeof(EndlessScenario<>).Assembly.Location;

        JsonElement minimal = RunForJson(
            ExitCode.Failure, "explore", "endless", "--tasks", "4", "--rounds", "3", "--module", module)
            .GetProperty("failure").GetProperty("minimal");

        Assert.Equal("livelock", minimal.GetProperty("class").GetString());
        Assert.Equal(2, minimal.GetProperty("parameters").GetProperty("tasks").GetInt32()); // One alone ends.
        Assert.Equal(1, minimal.GetProperty("parameters").GetProperty("rounds").GetInt32());
        Assert.Equal(1, minimal.GetProperty("loop").GetInt32());
        Assert.Equal(
            ExitCode.Clean, Run("replay", minimal.GetProperty("schedule").GetString()!, "--module", module));
    }

    [Fact]
    public void An_endless_run_keeps_its_sizes_if_that_is_asked_for()
    {
        string module = typeof(EndlessScenario<>).Assembly.Location;
        Run("explore", "endless", "--tasks", "3", "--rounds", "1", "--no-minimize", "--module", module);
        string found = Directory.GetFiles(Folder, "*.schedule").Single();

        JsonElement report = RunForJson(ExitCode.Clean, "minimize", found, "--keep-sizes", "--module", module);

        Assert.Equal(3, report.GetProperty("parameters").GetProperty("tasks").GetInt32());
    }

    [Fact]
    public void Without_the_exact_search_it_is_said_that_the_schedule_may_not_be_the_smallest()
    {
        string found = Explored("queue-after-unlock");

        Assert.Equal(ExitCode.Clean, Run("minimize", found, "--max-states", "0", "--keep-sizes"));

        Assert.Contains("minimal so far: ", Out, StringComparison.Ordinal);
        Assert.DoesNotContain("proved", Out, StringComparison.Ordinal);
        Assert.DoesNotContain("at smaller sizes", Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_schedule_is_refused()
    {
        AssertRefused(
            "there is no file 'missing', and it is no token either: tokens begin with 'kmap2-'", "minimize", "missing");
        AssertRefused(
            $"'{Folder}' is a folder: name a schedule file in it, or paste a token", "minimize", Folder);
    }

    [Fact]
    public void A_number_of_states_below_none_is_refused() => AssertRefused(
        "--max-states takes a number from 0 to 2147483647, not '-1' (kmaplab minimize --help lists what there is)",
        "minimize", Explored("no-wakeup"), "--max-states", "-1");

    [Fact]
    public void A_schedule_that_shows_nothing_is_refused()
    {
        Schedule schedule = Product.Files.Load(Explored("no-wakeup"));
        string path = Path.Combine(Folder, "nothing.schedule");
        Product.Files.Save(path, schedule.With(finding: null));

        AssertRefused("the schedule shows no failure, so there is nothing to minimize", "minimize", path);
    }

    [Fact]
    public void A_schedule_that_no_longer_fails_is_refused_with_what_happens_instead()
    {
        Schedule schedule = Product.Files.Load(Explored("no-wakeup"));
        string path = Path.Combine(Folder, "mended.schedule");
        Product.Files.Save(path, schedule with { Variant = null });

        Assert.Equal(ExitCode.Usage, Run("minimize", path));
        Assert.StartsWith(
            "kmaplab: the schedule no longer shows lost-wakeup: run again it ", Error, StringComparison.Ordinal);
    }

    private JsonElement SmallestOf(params string[] args) => RunForJson(ExitCode.Failure, args)
        .GetProperty("failure").GetProperty("minimal").GetProperty("parameters");

    private string Explored(string race)
    {
        Assert.Equal(ExitCode.Failure, Run("explore", race, "--no-minimize"));
        return Directory.GetFiles(Folder, "*.schedule").Single();
    }
}
