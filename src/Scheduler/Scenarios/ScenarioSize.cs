using Kmaplab.Scheduler.Settings;

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

    /// <summary>Number of slots of whatever the scenario is about.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Number of pages.</summary>
    public int Pages { get; init; } = 2;

    /// <summary>Number of CPUs; 0 for one per task.</summary>
    public int Cpus { get; init; }

    /// <summary>How often each task repeats its work; <see cref="Forever"/> or <see cref="AnyRounds"/>.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>A bound for what happens at most once in a round; 0 if there is none.</summary>
    public int RoundsMax => Math.Max(Rounds, 0);

    /// <summary>How many things a task holds at once.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>What each task does, for scenarios that are told so.</summary>
    public string Script { get; init; } = "";

    /// <summary>
    /// All that the scenario was told: the sizes that it takes, and the parameters of its own, of which it is the only
    /// place.
    /// </summary>
    public Parameters Parameters { get; init; } = Parameters.None;

    /// <summary>
    /// The sizes in the form in which parameters are kept, also those that the scenario does not take.
    /// </summary>
    internal Parameters Kept()
    {
        var all = new SizeRequest
        {
            Tasks = Tasks,
            Slots = Slots,
            Pages = Pages,
            Cpus = Cpus,
            Rounds = Rounds,
            Depth = Depth,
            Script = Script,
        };
        return new Parameters(all.Settings.Select(setting => new ParameterValue(setting.Name, setting.Text)));
    }
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
