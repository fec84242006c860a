using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>What running a schedule again has shown.</summary>
public sealed record ReplayReport
{
    /// <summary>What was found; null if nothing was wrong.</summary>
    public Finding? Finding { get; init; }

    /// <summary>The steps performed.</summary>
    public int Steps { get; init; }

    /// <summary>How often the machine switched away from a context that could have gone on.</summary>
    public int Preemptions { get; init; }

    /// <summary>Where the machine no longer behaved as recorded; null if it always did.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>The schedule ran to its end and showed what it says: the same class of failure, or none.</summary>
    public bool Reproduced { get; init; }
}

/// <summary>The first step at which a replay could not follow its schedule.</summary>
/// <param name="Step">The number of the step, from 1.</param>
/// <param name="Expected">The recorded transition; null if the schedule was over.</param>
/// <param name="Enabled">The transitions that were enabled instead.</param>
/// <param name="Reason">What happened, in one line.</param>
public sealed record Divergence(int Step, Transition? Expected, Transition[] Enabled, string Reason);
