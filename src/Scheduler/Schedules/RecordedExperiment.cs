using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;

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
            Size = experiment.Size,
            Preempt = experiment.Preempt,
            Points = experiment.Points,
            Build = experiment.Build,
            Strategy = strategy,
            Seed = seed,
        };
    }

    /// <summary>What a schedule was recorded from. Its build may be another one; the caller compares.</summary>
    /// <exception cref="UsageException">Its scenario or variant is not here, or its sizes are impossible
    /// now.</exception>
    public static Experiment Resolve(this ScenarioCatalogue catalogue, Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(schedule);
        bool isHere = catalogue.FindScenario(schedule.Scenario) is not null && (schedule.Variant is null || catalogue.FindVariant(schedule.Variant) is not null);
        if (!isHere && schedule.Modules.Length > 0)
        {
            string target = schedule.Variant is null ? $"scenario '{schedule.Scenario}'" : $"scenario '{schedule.Scenario}' with the variant '{schedule.Variant}'";
            throw new UsageException($"there is no {target} here: the schedule was made with {schedule.Modules}, so say with --module where that is");
        }

        ScenarioEntry scenario = catalogue.Scenario(schedule.Scenario);
        VariantEntry? variant = schedule.Variant is null ? null : catalogue.Variant(schedule.Variant);
        SizeRequest asked = SizeRequest.Of(schedule.Size, scenario.Attribute) with { Preempt = schedule.Preempt };
        return catalogue.Complete(scenario, variant, asked) with { Points = schedule.Points };
    }
}
