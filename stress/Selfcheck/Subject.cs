using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>Names what was checked so that it can be asked for again.</summary>
internal static class Subject
{
    /// <summary>The scenario, the variant and the sizes, as one would type them behind <c>verify</c>.</summary>
    internal static string Of(Experiment experiment)
    {
        string variant = experiment.Variant is null ? "" : $" --variant {experiment.Variant.Name}";
        return $"{experiment.Scenario.Name}{variant} {SizeText.Of(experiment)}".TrimEnd();
    }
}
