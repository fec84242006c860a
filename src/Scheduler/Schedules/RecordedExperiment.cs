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
    /// <exception cref="UsageException">Its scenario or variant is not here, or its sizes are impossible now.</exception>
    public static Experiment Resolve(this ScenarioCatalogue catalogue, Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(schedule);
        ScenarioEntry scenario = catalogue.Scenario(schedule.Scenario);
        VariantEntry? variant = schedule.Variant is null ? null : catalogue.Variant(schedule.Variant);
        ScenarioSize size = schedule.Size;
        var asked = new SizeRequest
        {
            Tasks = size.Tasks,
            Slots = size.Slots,
            Pages = size.Pages,
            Cpus = size.Cpus == 0 ? null : size.Cpus,
            Rounds = size.Rounds,
            Depth = size.Depth,
            Script = size.Script,
            Release = size.Release,
            DebugHighmem = size.DebugHighmem,
            Preempt = schedule.Preempt,
        };
        return ScenarioCatalogue.Complete(scenario, variant, asked) with { Points = schedule.Points };
    }
}
