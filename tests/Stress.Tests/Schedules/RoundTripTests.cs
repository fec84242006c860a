using CsCheck;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Modules;

namespace Kmaplab.Stress.Tests.Schedules;

/// <summary>
/// A schedule is run with what it was recorded with: a parameter that was lost or replaced on the way would make a
/// replay one of something else.
/// </summary>
public sealed class RoundTripTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly, typeof(Table<>).Assembly);
    private static readonly ScheduleText s_text = new(Product.Name);

    public static TheoryData<string> Scenarios { get; } = [.. s_catalogue.Scenarios.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void An_experiment_comes_back_from_its_schedule_as_it_was_whatever_it_was_told(string scenario)
    {
        ScenarioEntry entry = s_catalogue.Scenario(scenario);

        Gen.Int.Array[entry.Parameters.Taken.Count + 1].Sample(
            choices =>
            {
                if (Fit(scenario, Draw(entry, choices)) is not { } experiment)
                    return;

                Schedule schedule = experiment.NewSchedule("random", seed: 1);
                AssertSame(experiment, s_catalogue.Resolve(s_text.Parse(s_text.Format(schedule), "file")));
                AssertSame(experiment, s_catalogue.Resolve(Product.Tokens.Parse(Product.Tokens.Format(schedule))));
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_schedule_keeps_each_parameter_of_its_scenario_and_is_refused_without_it(string scenario)
    {
        Experiment experiment = s_catalogue.Resolve(scenario, variant: null, new SizeRequest());
        Schedule schedule = experiment.NewSchedule("random", seed: 1);

        Assert.Equal(
            experiment.Scenario.Parameters.Taken.Select(parameter => parameter.Name),
            schedule.Parameters.Values.Select(value => value.Name));
        foreach (ParameterValue value in schedule.Parameters.Values)
        {
            var others = new Parameters(schedule.Parameters.Values.Where(other => other != value));
            Schedule without = schedule with { Parameters = others };
            var refusal = Assert.Throws<UsageException>(() => s_catalogue.Resolve(without));

            string says = $"the schedule does not say '{value.Name}', which {scenario} takes";
            Assert.StartsWith(says, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void As_many_pages_as_needed_are_kept_as_that_many()
    {
        Experiment experiment = s_catalogue.Resolve("paged", variant: null, new SizeRequest { Tasks = 3 });

        Assert.Equal("tasks=3 pages=4", experiment.Parameters.ToString());
        Assert.Equal(4, experiment.Size.Pages);
    }

    [Fact]
    public void More_pages_than_there_can_be_are_refused_when_they_are_asked_for_and_not_when_they_are_replayed()
    {
        var refusal = Assert.Throws<UsageException>(
            () => s_catalogue.Resolve("paged", variant: null, new SizeRequest { Tasks = 65_536 }));

        Assert.Equal(
            "paged needs 65537 pages at these sizes, and a machine has at most 65536: smaller sizes fit",
            refusal.Message);
    }

    [Fact]
    public void A_race_comes_back_from_its_schedule_as_it_was()
    {
        foreach (RaceEntry race in s_catalogue.Races)
        {
            string text = s_text.Format(race.Experiment.NewSchedule("random", seed: 1));
            AssertSame(race.Experiment, s_catalogue.Resolve(s_text.Parse(text, "file")));
        }
    }

    [Fact]
    public void A_default_that_has_changed_since_does_not_change_what_is_replayed()
    {
        ScenarioParameters before = TableWith(tasks: 2, cpus: 0);
        ScenarioParameters now = TableWith(tasks: 3, cpus: 1);
        Parameters kept = before.Settle(new SizeRequest { Cpus = 2 });

        Assert.Equal(kept, now.Restore(kept, saysAll: false));

        // One CPU per task was the default, and nobody can ask for it now.
        Parameters unasked = before.Settle(new SizeRequest());
        Assert.Throws<UsageException>(() => now.Restore(unasked, saysAll: false));
    }

    private static ScenarioParameters TableWith(int tasks, int cpus)
    {
        const SizeParts Uses = SizeParts.Tasks | SizeParts.Cpus;
        var attribute = new ScenarioAttribute("table", "") { Uses = Uses, Tasks = tasks, Cpus = cpus };
        return ScenarioParameters.Of(attribute, typeof(Table<>));
    }

    private static void AssertSame(Experiment expected, Experiment actual)
    {
        Assert.Equal(expected.Parameters, actual.Parameters);
        Assert.Equal(expected.Size, actual.Size);
        Assert.Equal((expected.Name, expected.Preempt, expected.Points), (actual.Name, actual.Preempt, actual.Points));
    }

    // Any value that the scenario says it takes, or none.
    // Sizes of which each is possible may together need more than there is, which is refused at once.
    private static Experiment? Fit(string scenario, SizeRequest sizes)
    {
        try
        {
            return s_catalogue.Resolve(scenario, variant: null, sizes);
        }
        catch (UsageException refusal) when (refusal.Message.EndsWith(": smaller sizes fit", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static SizeRequest Draw(ScenarioEntry entry, int[] choices)
    {
        var request = new SizeRequest { Preempt = (choices[^1] & 1) == 0 };
        foreach ((Parameter parameter, int choice) in entry.Parameters.Taken.Zip(choices))
        {
            string? value = (choice & 7) == 0 ? null : Draw(parameter, choice >>> 3);
            if (value is not null)
                request = request.And(ParameterSetting.OfSet(parameter.Name, value));
        }

        return request;
    }

    private static string Draw(Parameter parameter, int choice) => parameter switch
    {
        NumberParameter number when number.Words.Count > 0 && choice % 3 == 0 => number.Words.Last(CanBe).Word,
        NumberParameter { PowerOfTwo: true } number => $"{1 << (choice % (int)Math.Log2(number.Max + 1d))}",
        NumberParameter number => $"{number.Min + (choice % (number.Max - number.Min + 1))}",
        SwitchParameter => (choice & 1) == 0 ? SwitchParameter.On : SwitchParameter.Off,
        ChoiceParameter other => other.Choices[choice % other.Choices.Count],
        _ => (choice & 1) == 0 ? "mA uA xA | mB xB | mC" : "mA xA",
    };

    private static bool CanBe(ParameterWord word) => word.WhyNot is null;
}
