using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>One run on threads as it can be kept, and run again on the simulated machine.</summary>
/// <param name="Experiment">What was booted, and what came of it; a schedule without transitions.</param>
/// <param name="Run">What the threads have done.</param>
public sealed record Recording(Schedule Experiment, ThreadRecording Run)
{
    /// <summary>Who has chosen the order of such a run: what its experiment names as a strategy.</summary>
    public const string Strategy = "threads";

    /// <summary>The file ends before the run does, so this is only its beginning.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The number of steps of the whole run.</summary>
    public int StepsOfAll { get; init; } = Run.StepCount;
}
