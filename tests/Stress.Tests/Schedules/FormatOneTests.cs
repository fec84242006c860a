using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Modules;

namespace Kmaplab.Stress.Tests.Schedules;

/// <summary>Files and tokens of version 1, as builds of that time have written them.</summary>
public sealed class FormatOneTests
{
    private const string Script = """
        kmaplab schedule 1
        scenario: script
        variant: queue-after-unlock
        tasks: 2
        slots: 1
        pages: 2
        cpus: 0
        rounds: 1
        depth: 1
        script: mA uA xA | mB uB xB
        release: 2.6.15
        debug-highmem: no
        preempt: yes
        points: 11
        build: e051e5fc4ed55cf1
        strategy: random
        seed: 1
        execution: 1
        verdict: lost-wakeup
        message: 1 of 2 tasks can never run again
        loop: 0
        steps: 12

        1*3 0 1*2 0*2 1 0*2 1
        end e9d2703ead112f50

        """;

    private const string ScriptToken =
        "kmap1-AgZzY3JpcHQScXVldWUtYWZ0ZXItdW5sb2NrAgECAAEBE21BIHVBIHhBIHwgbUIgdUIgeEIGMi42LjE1C_Fc1U785VHgBnJhbmRvbQEB"
        + "AiAxIG9mIDIgdGFza3MgY2FuIG5ldmVyIHJ1biBhZ2FpbgAMAwMAAwIBAgIBAgLejoY3";

    // CONFIG_DEBUG_HIGHMEM, one CPU for two tasks, and an atomic scenario, which has no slots.
    private const string Atomic = """
        kmaplab schedule 1
        scenario: migrate
        variant: atomic-late-clear
        tasks: 2
        slots: 2
        pages: 2
        cpus: 1
        rounds: 1
        depth: 1
        script: 
        release: 2.6.15
        debug-highmem: yes
        preempt: yes
        points: 11
        build: e051e5fc4ed55cf1
        strategy: random
        seed: 1
        execution: 1
        verdict: bug-on
        message: kernel BUG at kmap_atomic:slot_busy in task 0
        loop: 0
        steps: 14

        d0:1 1*7 p0 d0:1 p0 d0:0 0*2
        end b48205407cdf2435

        """;

    private const string AtomicToken =
        "kmap1-AwdtaWdyYXRlEWF0b21pYy1sYXRlLWNsZWFyAgICAQEBAAYyLjYuMTUL8VzVTvzlUeAGcmFuZG9tAQEOLWtlcm5lbCBCVUcgYXQga21h"
        + "cF9hdG9taWM6c2xvdF9idXN5IGluIHRhc2sgMAAOgBEDB4ACgBGAAoABAQKnAUvL";

    // An endless run, any number of rounds.
    private const string Starvation = """
        kmaplab schedule 1
        scenario: churn
        variant: none
        tasks: 2
        slots: 1
        pages: 4
        cpus: 0
        rounds: any
        depth: 1
        script: 
        release: 2.6.15
        debug-highmem: no
        preempt: yes
        points: 11
        build: e051e5fc4ed55cf1
        strategy: verify
        seed: 1
        execution: 0
        verdict: starvation
        message: task 1 is woken for ever and never finishes
        loop: 14
        steps: 28

        c0:1 0*4 c1:1 0 1*4 0*3 c0:1 1 0*4 1*5 0*3
        end a907691fb5432045

        """;

    private static readonly ScheduleText s_text = new(Product.Name);
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly, typeof(Table<>).Assembly);

    public static TheoryData<string, string> Kept { get; } = new()
    {
        { Script, "slots=1 rounds=1 cpus=0 script=mA uA xA | mB uB xB release=2.6.15 debug-highmem=no" },
        { Atomic, "tasks=2 pages=2 rounds=1 cpus=1 release=2.6.15 debug-highmem=yes" },
        { Starvation, "tasks=2 slots=1 pages=4 rounds=any cpus=0 release=2.6.15 debug-highmem=no" },
    };

    public static TheoryData<string, string> KeptTokens { get; } = new()
    {
        { ScriptToken, Script },
        { AtomicToken, Atomic },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_file_of_version_1_is_read_as_what_it_says_and_written_as_it_was(string text, string parameters)
    {
        Schedule schedule = s_text.Parse(text, "file");

        Assert.Equal(1, schedule.Format);
        Assert.Equal(parameters, s_catalogue.Resolve(schedule).Parameters.ToString());
        Assert.Equal(text, s_text.Format(schedule));
    }

    [Theory]
    [MemberData(nameof(KeptTokens))]
    public void A_token_of_version_1_says_what_the_file_does_and_is_written_as_it_was(string token, string text)
    {
        Schedule schedule = Product.Tokens.Parse(token);

        Assert.Equal(text, s_text.Format(schedule));
        Assert.Equal(token, Product.Tokens.Format(schedule));
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_schedule_of_version_1_still_shows_what_it_showed(string text, string parameters)
    {
        Schedule schedule = s_text.Parse(text, "file");
        Experiment experiment = s_catalogue.Resolve(schedule);

        var replay = new Replay(new Machine(experiment.Boot()));
        ReplayReport report = replay.Run(schedule.Transitions, schedule.Verdict, schedule.Loop);

        Assert.True(report.Reproduced, $"{experiment.Name} {parameters}");
    }

    [Fact]
    public void An_experiment_of_today_that_comes_from_version_1_is_kept_in_the_version_of_today()
    {
        Experiment experiment = s_catalogue.Resolve(s_text.Parse(Starvation, "file"));

        Schedule today = s_text.Parse(s_text.Format(experiment.NewSchedule("verify", seed: 1)), "file");

        Assert.Equal(2, today.Format);
        Assert.Equal(experiment.Parameters, s_catalogue.Resolve(today).Parameters);
    }

    [Theory]
    [InlineData("depth", "2", "the schedule says depth=2, and script has 1 now and takes no other")]
    [InlineData("tasks", "3", "the schedule says tasks=3, and script has 2 now and takes no other")]
    public void A_size_that_the_scenario_does_not_take_must_be_the_one_that_it_has(
        string name, string value, string message)
    {
        Schedule schedule = s_text.Parse(Script, "file");
        schedule = schedule with { Parameters = schedule.Parameters.With(name, value) };

        var refusal = Assert.Throws<UsageException>(() => s_catalogue.Resolve(schedule));

        Assert.Equal($"{message}: it was recorded with another script", refusal.Message);
    }

    [Fact]
    public void A_parameter_that_version_1_could_not_say_is_not_made_up()
    {
        Schedule schedule = s_text.Parse(Script, "file") with { Scenario = "table", Variant = null };

        var refusal = Assert.Throws<UsageException>(() => s_catalogue.Resolve(schedule));

        Assert.Equal(
            "the schedule does not say 'add', which table takes: it was recorded with another table", refusal.Message);
    }
}
