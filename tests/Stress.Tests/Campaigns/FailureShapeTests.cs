using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Races.Trials;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>By what failures are put together.</summary>
public sealed class FailureShapeTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(LabProgram).Assembly);

    [Theory]
    [InlineData("no-wakeup")]
    [InlineData("queue-after-unlock")]
    [InlineData("unlocked-tlb-flush")]
    public void A_schedule_has_the_same_shape_if_its_tasks_have_changed_places(string variant)
    {
        var size = new SizeRequest { Script = "mA uA xA | mB uB xB", Slots = 1 };
        Experiment experiment = s_catalogue.Resolve("script", variant, size);
        Transition[] schedule = Find(experiment).Schedule;
        Transition[] changed = [.. schedule.Select(transition => transition.WithSubject(1 - transition.Subject))];

        Assert.Equal(ShapeOf(experiment, schedule), ShapeOf(experiment, changed));
        Assert.NotEqual(OrderOf(experiment, schedule), OrderOf(experiment, changed));
    }

    [Theory]
    [InlineData("mA uA xA mA xA | mB uB xB", "mA uA xA | mB uB xB mB xB")]
    [InlineData("mA uA xA | mB uB xB", "mA uA xA | mB uB xB | mC uC xC")]
    public void Of_more_tasks_that_do_more_the_same_remains(string script, string other) =>
        Assert.Equal(FingerprintOf(script, "no-wakeup"), FingerprintOf(other, "no-wakeup"));

    [Fact]
    public void Failures_of_other_functions_are_others() => Assert.NotEqual(
        FingerprintOf("mA uA xA | mB uB xB", "no-wakeup"),
        FingerprintOf("mA uA xA | mB uB xB", "queue-after-unlock"));

    [Fact]
    public void Races_of_the_catalogue_are_not_put_together()
    {
        string[] names = ["no-wakeup", "queue-after-unlock", "no-recheck", "no-tlb-flush", "atomic-no-flush"];

        Assert.Equal(names.Length, names.Select(OfRace).Distinct().Count());

        static string OfRace(string name) => FingerprintOf(s_catalogue.Race(name).Experiment);
    }

    [Fact]
    public void Steps_that_cannot_see_each_other_may_change_places_and_others_may_not()
    {
        Experiment experiment = s_catalogue.Race("exclusive-waiters").Experiment;
        RaceFound found = RaceSearch.Find(
            s_catalogue.Race("exclusive-waiters"), 1, 1, TestContext.Current.CancellationToken, minimizes: false)!;
        Transition[] schedule = found.Failed.Schedule;
        UInt128 shape = ShapeOf(experiment, schedule);
        UInt128 order = OrderOf(experiment, schedule)!.Value;
        int same = 0;
        int others = 0;
        for (int i = 0; i + 1 < schedule.Length; i++)
        {
            Transition[] swapped = [.. schedule];
            (swapped[i], swapped[i + 1]) = (schedule[i + 1], schedule[i]);
            if (schedule[i] == schedule[i + 1] || OrderOf(experiment, swapped) is not { } after)
                continue;

            if (after == order)
            {
                Assert.Equal(shape, ShapeOf(experiment, swapped));
                same++;
            }
            else if (ShapeOf(experiment, swapped) != shape)
            {
                others++;
            }
        }

        Assert.True(same > 0 && others > 0, $"{same} swaps keep it, and {others} do not");
    }

    private static UInt128 ShapeOf(Experiment experiment, Transition[] schedule) =>
        FailureShape.Of(experiment.Boot(), schedule, Scheduler.Detection.FailureClass.LostWakeup);

    // Null if it cannot be followed.
    private static UInt128? OrderOf(Experiment experiment, Transition[] schedule)
    {
        var machine = new Machine(experiment.Boot(), copyOnResume: false, logsTouches: true);
        machine.Reset();
        var past = new HappensBefore(machine);
        past.Clear();
        foreach (Transition transition in schedule)
        {
            if (!machine.Enabled().Contains(transition))
                return null;

            past.Perform(transition);
        }

        return past.Fingerprint;
    }

    private static string FingerprintOf(string script, string variant) => FingerprintOf(s_catalogue.Resolve(
        "script", variant, new SizeRequest { Script = script, Slots = 1 }));

    private static string FingerprintOf(Experiment experiment) =>
        new MinimalFailure(experiment, 1, TestContext.Current.CancellationToken)
            .Of("random", Find(experiment)).Fingerprint;

    private static FailedExecution Find(Experiment experiment) => new Explorer(
        experiment.Boot,
        () => new Scheduler.Exploration.Strategies.RandomWalkStrategy(1),
        new ExplorerOptions()).Run(TestContext.Current.CancellationToken).First!;
}
