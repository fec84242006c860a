using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// One execution as it can be kept and run again: what was booted, who chose, what was chosen, and what came of it.
/// </summary>
public sealed record Schedule
{
    /// <summary>The version of the file format that new schedules have, and the newest that this build reads.</summary>
    public const int Version = 2;

    /// <summary>
    /// The version of the format that it has. In version 1 every schedule says the sizes of <see cref="FormatOne"/>,
    /// whatever its scenario takes. A schedule that was read is written as what it was.
    /// </summary>
    public int Format { get; init; } = Version;

    /// <summary>The name of the scenario that was booted.</summary>
    public required string Scenario { get; init; }

    /// <summary>The variant of the port that was booted; null for the port itself.</summary>
    public string? Variant { get; init; }

    /// <summary>
    /// The files of the modules that the scenario and the variant came from; empty if none. For people, as they may be
    /// elsewhere now.
    /// </summary>
    public string Modules { get; init; } = "";

    /// <summary>What the scenario was told: a value for each parameter that it takes.</summary>
    public Parameters Parameters { get; init; } = Parameters.None;

    /// <summary>
    /// The memory with which the machine began, where it was not as booted: what threads had left when their recording
    /// began. Empty for nearly all.
    /// </summary>
    public IReadOnlyList<NamedWords> Start { get; init; } = [];

    /// <summary>CONFIG_PREEMPT.</summary>
    public bool Preempt { get; init; } = true;

    /// <summary>Where tasks stopped.</summary>
    public SchedulingPoints Points { get; init; } = SchedulingPoints.Observable;

    /// <summary>A hash of the code that ran: the port, the scenario and the simulator.</summary>
    public ulong Build { get; init; }

    /// <summary>The strategy that chose the transitions.</summary>
    public string Strategy { get; init; } = "";

    /// <summary>The seed of that strategy.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number of the execution, from 1.</summary>
    public long Execution { get; init; }

    /// <summary>The class of what was found; null if nothing was wrong.</summary>
    public FailureClass? Verdict { get; init; }

    /// <summary>The first line of the finding.</summary>
    public string Message { get; init; } = "";

    /// <summary>
    /// For an endless run: the number of transitions at the end that lead back to the state they started from;
    /// otherwise 0.
    /// </summary>
    public int Loop { get; init; }

    /// <summary>What was chosen, in order.</summary>
    public Transition[] Transitions { get; init; } = [];

    /// <summary>The same schedule with a failed execution's transitions and verdict.</summary>
    public Schedule With(FailedExecution failed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        return With(failed.Finding) with
        {
            Execution = failed.Number,
            Transitions = failed.Schedule,
            Loop = failed.Loop,
        };
    }

    /// <summary>The same schedule with another verdict.</summary>
    public Schedule With(Finding? finding) =>
        this with
        {
            Verdict = finding?.Class,
            Message = finding?.FirstLine ?? "",
        };
}
