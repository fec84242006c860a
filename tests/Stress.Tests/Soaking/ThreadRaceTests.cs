using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Tests.Soaking;

/// <summary>Mistakes of the catalogue that threads can show are found there; what is right is not blamed.</summary>
/// <remarks>
/// What is found depends on luck, so there is room for bad luck: each race is run again and again, for a minute if need
/// be, and the test ends at the first failure. On two busy cores the rarest of these fails in more than 1 of 100
/// executions, of which a second has 100 at the least: that a minute shows nothing has a probability below
/// (1 - 1/100)^6000 = 10^-26, and on a machine ten times as slow below 10^-2.6 (1 of 400).
/// </remarks>
public sealed class ThreadRaceTests
{
    private const int RunsReplayed = 5;

    private static readonly TimeSpan s_roomForBadLuck = TimeSpan.FromMinutes(1);
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    // They were found in some hundreds of executions: too rare for a test that is to be fast.
    private static readonly string[] s_rare =
        ["exclusive-waiters", "no-recheck", "queue-entry-left-behind", "state-after-unlock"];

    /// <summary>Those that show in each execution, or nearly, and those that need a little luck.</summary>
    public static TheoryData<string> Races { get; } =
    [
        "atomic-shared-slots",
        "budget-not-refilled",
        "budget-one-short",
        "count-after-unlock",
        "count-from-two",
        "count-to-zero",
        "double-kunmap",
        "keep-page-address",
        "nested-exhaustion",
        "no-flush-at-wrap",
        "no-wakeup",
        "pool-before-unlink",
        "queue-after-unlock",
        "queue-test-before-lock",
        "unlink-without-lock",
        "unlocked-lookup",
        "unlocked-tlb-flush",
    ];

    [Fact]
    public void Every_race_is_found_here_or_is_rare_or_is_refused()
    {
        string[] refused = [.. s_catalogue.Races.Where(IsRefused).Select(race => race.Name)];

        Assert.Equal(
            s_catalogue.Races.Select(race => race.Name),
            Races.Select(row => row.Data).Concat(s_rare).Concat(refused).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void A_race_is_found_under_the_class_that_the_simulator_gives_it(string name)
    {
        RaceEntry race = s_catalogue.Race(name);

        SoakResult result = Soak(race.Experiment, s_roomForBadLuck, isBare: false);

        Assert.NotNull(result.Finding);
        Assert.True(race.IsShownBy(result.Finding.Class), $"{result.Finding.Class}: {result.Finding.Message}");
        Assert.Equal(0, result.ThreadsLeft);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void A_race_that_was_found_and_recorded_here_is_replayed_on_the_simulated_machine(string name)
    {
        RaceEntry race = s_catalogue.Race(name);

        // Of each race 20 of 20 recordings were replayed (docs/measurements.md). What is left to bad luck is an access
        // without a lock in the middle of what is one step of the simulated machine, and a run of which the time is up.
        for (int run = 0; run < RunsReplayed; run++)
        {
            SoakResult result = Soak(race.Experiment, s_roomForBadLuck, isBare: false);
            Assert.NotNull(result.Finding);
            if (result.Recording is null)
                continue;

            RecordingReport report = Replay(race.Experiment, result.Recording, result.Finding);
            if (report.Reproduced)
                return;

            Assert.True(
                report.Divergence is not null || report.Finding is not null,
                $"{result.Finding.FirstLine}: not shown, and the replay does not say why");
        }

        Assert.Fail($"{RunsReplayed} runs were recorded, and none of them is replayed");
    }

    // These need no luck: the tasks of exhaust wait for each other, and those of nested never stop.
    [Theory]
    [InlineData("exhaust", "no-wakeup", 1, FailureClass.LostWakeup)]
    [InlineData("nested", null, ScenarioSize.AnyRounds, FailureClass.Deadlock)]
    [InlineData("keep-page-address", null, 1, FailureClass.BugOn)]
    public void Without_checks_hangs_and_bugs_are_found_all_the_same(
        string target, string? variant, int rounds, FailureClass failure)
    {
        Experiment experiment = s_catalogue.Resolve(target, variant, new SizeRequest { Rounds = rounds });

        Assert.Equal(failure, Soak(experiment, s_roomForBadLuck, isBare: true).Finding?.Class);
    }

    [Theory]
    [InlineData("churn", 8, 2)]
    [InlineData("shared", 4, 2)]
    [InlineData("exhaust", 4, 2)]
    [InlineData("testcase-kmap", 3, 4)]
    [InlineData("mixed", 3, 2)]
    public void Nothing_is_wrong_with_the_port(string scenario, int tasks, int slots)
    {
        var size = new SizeRequest { Tasks = tasks, Slots = slots, Rounds = ScenarioSize.AnyRounds, Cpus = tasks };
        Experiment experiment = s_catalogue.Resolve(scenario, null, size);

        SoakResult result = SoakUntil(experiment, operations: 300);

        Assert.Null(result.Finding);
        Assert.True(result.HasEnded);
        Assert.True(result.Totals.AllOperations >= 300);
    }

    [Fact]
    public void A_change_that_does_no_harm_is_not_blamed()
    {
        var size = new SizeRequest { Tasks = 4, Slots = 2, Rounds = ScenarioSize.AnyRounds };
        foreach (VariantEntry variant in s_catalogue.Variants.Where(variant => variant.Attribute.IsBenign))
        {
            Experiment experiment = s_catalogue.Resolve("churn", variant.Name, size);

            SoakResult result = SoakUntil(experiment, operations: 40);

            Assert.True(result.Finding is null, $"{variant.Name}: {result.Finding?.Message}");
        }
    }

    private static RecordingReport Replay(Experiment experiment, ThreadRecording run, Finding? finding)
    {
        Experiment onMachine = experiment with { Points = SchedulingPoints.All };
        Schedule header = onMachine.NewSchedule(Recording.Strategy, seed: 1).With(finding);
        return new RecordingReplay(onMachine.Boot(), new Recording(header, run)).Run();
    }

    private static bool IsRefused(RaceEntry race)
    {
        try
        {
            ThreadTarget.Require(race.Name, race.Experiment, race);
            var options = new SoakOptions(TimeSpan.Zero, IsBare: false, Seed: 1, HasJitter: false);
            ThreadTarget.Boot(race.Experiment, options, new WakeupHistogram()).Dispose();
            return false;
        }
        catch (UsageException)
        {
            return true;
        }
    }

    private static SoakResult SoakUntil(Experiment experiment, long operations)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var soak = new Soak(experiment, new SoakOptions(s_roomForBadLuck, IsBare: false, Seed: 1, HasJitter: true))
        {
            Progress = (_, totals) =>
            {
                if (totals.AllOperations >= operations)
                    enough.Cancel();
            },
        };
        return soak.Run(enough.Token);
    }

    private static SoakResult Soak(Experiment experiment, TimeSpan time, bool isBare) =>
        new Soak(experiment, new SoakOptions(time, isBare, Seed: 1, HasJitter: !isBare))
            .Run(TestContext.Current.CancellationToken);
}
