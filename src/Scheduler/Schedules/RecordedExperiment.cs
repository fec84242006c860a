using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>From experiments to schedules, and back.</summary>
public static class RecordedExperiment
{
    /// <summary>A schedule of an experiment without transitions.</summary>
    public static Schedule NewSchedule(this Experiment experiment, string strategy, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return new Schedule
        {
            Scenario = experiment.Scenario.Name,
            Variant = experiment.Variant?.Name,
            Parameters = experiment.Parameters,
            Start = experiment.Start,
            Preempt = experiment.Preempt,
            Points = experiment.Points,
            Build = experiment.Build,
            Strategy = strategy,
            Seed = seed,
        };
    }

    /// <summary>What a schedule was recorded from. Its build may be another one; the caller compares.</summary>
    /// <exception cref="UsageException">Its scenario or variant is not here, or the scenario takes other parameters
    /// now, or these are impossible now.</exception>
    public static Experiment Resolve(this ScenarioCatalogue catalogue, Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(schedule);
        bool isHere =
            catalogue.FindScenario(schedule.Scenario) is not null
            && (schedule.Variant is null || catalogue.FindVariant(schedule.Variant) is not null);
        if (!isHere && schedule.Modules.Length > 0)
        {
            string target = schedule.Variant is null
                ? $"scenario '{schedule.Scenario}'"
                : $"scenario '{schedule.Scenario}' with the variant '{schedule.Variant}'";
            throw new UsageException(
                $"there is no {target} here: the schedule was made with {schedule.Modules}, so say with --module "
                + "where that is");
        }

        ScenarioEntry scenario = catalogue.Scenario(schedule.Scenario);
        VariantEntry? variant = schedule.Variant is null ? null : catalogue.Variant(schedule.Variant);
        bool saysAll = schedule.Format == FormatOne.Version;
        Parameters parameters = scenario.Parameters.Restore(schedule.Parameters, saysAll);
        Experiment experiment = catalogue.NewExperiment(scenario, variant, parameters, schedule.Preempt);
        if (saysAll)
            CheckOthers(schedule.Parameters, experiment);

        return experiment with { Points = schedule.Points, Start = schedule.Start };
    }

    // A size that the scenario does not take now, and had otherwise when the schedule was recorded.
    private static void CheckOthers(Parameters recorded, Experiment experiment)
    {
        string name = experiment.Scenario.Name;
        Parameters sizes = experiment.Size.Kept();
        foreach (ParameterValue value in recorded.Values.Where(value => experiment.Parameters.Find(value.Name) is null))
        {
            if (sizes.Find(value.Name) is { } now && now != value.Value)
            {
                string differs = $"the schedule says {value}, and {name} has {now} now and takes no other";
                throw new UsageException($"{differs}: it was recorded with another {name}");
            }
        }
    }
}
