namespace Kmaplab.Scheduler.Scenarios;

/// <summary>How big a scenario is. A scenario uses some of these, and says which.</summary>
public sealed record ScenarioSize
{
    /// <summary><see cref="Rounds"/> of tasks that never end.</summary>
    public const int Forever = 0;

    /// <summary>
    /// <see cref="Rounds"/> of tasks that may end after each round, or never: every number, for each task its own.
    /// </summary>
    public const int AnyRounds = -1;

    /// <summary>Number of tasks.</summary>
    public int Tasks { get; init; } = 2;

    /// <summary>Number of mapping slots (LAST_PKMAP): a power of two, but in recorded traces.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Number of high memory pages.</summary>
    public int Pages { get; init; } = 2;

    /// <summary>Number of CPUs; 0 for one per task.</summary>
    public int Cpus { get; init; }

    /// <summary>How often each task repeats its work; <see cref="Forever"/> or <see cref="AnyRounds"/>.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>A bound for what happens at most once in a round; 0 if there is none.</summary>
    public int RoundsMax => Math.Max(Rounds, 0);

    /// <summary>How many mappings a task holds at once.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>What each task does, for scenarios that are told so.</summary>
    public string Script { get; init; } = "";

    /// <summary>The kernel release that is ported: 2.6.12 to 2.6.15.</summary>
    public string Release { get; init; } = "2.6.15";

    /// <summary>CONFIG_DEBUG_HIGHMEM.</summary>
    public bool DebugHighmem { get; init; }
}

/// <summary>The parts of a <see cref="ScenarioSize"/>.</summary>
[Flags]
public enum SizeParts
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>--tasks.</summary>
    Tasks = 1,

    /// <summary>--slots.</summary>
    Slots = 2,

    /// <summary>--pages.</summary>
    Pages = 4,

    /// <summary>--rounds.</summary>
    Rounds = 8,

    /// <summary>--depth.</summary>
    Depth = 16,

    /// <summary>--cpus.</summary>
    Cpus = 32,

    /// <summary>--script.</summary>
    Script = 64,
}
