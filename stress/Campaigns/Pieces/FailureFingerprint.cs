using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>
/// By what failures are put together: the class, the functions of the culprits, the variant, and what happens in the
/// smallest schedule, whoever of like tasks does it.
/// </summary>
internal static class FailureFingerprint
{
    /// <summary>Behind the name of the class and a hyphen.</summary>
    internal const int Digits = 16;

    internal static string Of(Experiment experiment, Schedule schedule, FailureClass failure, string[] culprits)
    {
        // What depends on something outside the machine has no shape.
        UInt128 shape = failure == FailureClass.Nondeterminism
            ? 0
            : FailureShape.Of(experiment.Boot(), schedule.Transitions, failure, schedule.Loop);
        string all = $"{string.Join(' ', culprits)}\n{experiment.Variant?.Name}\n{shape:x32}";
        return $"{failure.Name()}-{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(all)):x16}";
    }
}
