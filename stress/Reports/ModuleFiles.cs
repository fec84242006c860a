using System.Reflection;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Reports;

/// <summary>Which files besides the program an experiment needs.</summary>
internal static class ModuleFiles
{
    /// <summary>A schedule of an experiment without transitions, which names the modules that it needs.</summary>
    internal static Schedule NewSchedule(Experiment experiment, string strategy, ulong seed)
    {
        IEnumerable<string> modules = new[]
        {
            experiment.Scenario.Definition.Assembly,
            experiment.Variant?.Definition.Assembly,
        }
            .Where(assembly => assembly is not null && assembly != Assembly.GetExecutingAssembly())
            .Select(assembly => Path.GetFileName(assembly!.Location))
            .Distinct();
        return experiment.NewSchedule(strategy, seed) with
        {
            Modules = Finding.FirstLineOf(string.Join(", ", modules)),
        };
    }
}
