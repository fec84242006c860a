using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>The sizes that somebody asks for; what is null is left to the scenario.</summary>
public sealed record SizeRequest
{
    /// <summary>The most slots: LAST_PKMAP without PAE.</summary>
    public const int SlotsMax = 1024;

    /// <summary>The most pages.</summary>
    public const int PagesMax = 4096;

    private const int RoundsMax = 1_000_000;
    private const int DepthMax = 64;

    /// <summary>--tasks.</summary>
    public int? Tasks { get; init; }

    /// <summary>--slots.</summary>
    public int? Slots { get; init; }

    /// <summary>--pages.</summary>
    public int? Pages { get; init; }

    /// <summary>--cpus.</summary>
    public int? Cpus { get; init; }

    /// <summary>--rounds; <see cref="ScenarioSize.Forever"/> or <see cref="ScenarioSize.AnyRounds"/>.</summary>
    public int? Rounds { get; init; }

    /// <summary>--depth.</summary>
    public int? Depth { get; init; }

    /// <summary>--script.</summary>
    public string? Script { get; init; }

    /// <summary>--release.</summary>
    public string? Release { get; init; }

    /// <summary>--debug-highmem.</summary>
    public bool DebugHighmem { get; init; }

    /// <summary>--preempt: CONFIG_PREEMPT.</summary>
    public bool? Preempt { get; init; }

    /// <summary>The sizes that a race asks for.</summary>
    public static SizeRequest Of(RaceAttribute race)
    {
        ArgumentNullException.ThrowIfNull(race);
        return new SizeRequest
        {
            Tasks = Given(race.Tasks),
            Slots = Given(race.Slots),
            Pages = Given(race.Pages),
            Cpus = Given(race.Cpus),
            Rounds = Given(race.Rounds),
            Depth = Given(race.Depth),
            Script = race.Script.Length == 0 ? null : race.Script,
            DebugHighmem = race.DebugHighmem,
            Preempt = race.NoPreempt ? false : null,
        };
    }

    /// <summary>
    /// The sizes that a scenario was booted with. What it uses and has unless asked for otherwise is not asked for: it
    /// may be out of range for others.
    /// </summary>
    public static SizeRequest Of(ScenarioSize size, ScenarioAttribute scenario)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(scenario);
        int? Part(SizeParts part, int value, int usual) => (scenario.Uses & part) != 0 && value != usual && value != 0 ? value : null;
        return new SizeRequest
        {
            Tasks = Part(SizeParts.Tasks, size.Tasks, scenario.Tasks),
            Slots = Part(SizeParts.Slots, size.Slots, scenario.Slots),
            Pages = Part(SizeParts.Pages, size.Pages, scenario.Pages),
            Cpus = Part(SizeParts.Cpus, size.Cpus, scenario.Cpus),
            Rounds = (scenario.Uses & SizeParts.Rounds) != 0 && size.Rounds != scenario.Rounds ? size.Rounds : null,
            Depth = Part(SizeParts.Depth, size.Depth, scenario.Depth),
            Script = size.Script,
            Release = size.Release,
            DebugHighmem = size.DebugHighmem,
        };
    }

    /// <summary>The same request, completed by <paramref name="other"/> where it asks for nothing.</summary>
    public SizeRequest Or(SizeRequest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SizeRequest
        {
            Tasks = Tasks ?? other.Tasks,
            Slots = Slots ?? other.Slots,
            Pages = Pages ?? other.Pages,
            Cpus = Cpus ?? other.Cpus,
            Rounds = Rounds ?? other.Rounds,
            Depth = Depth ?? other.Depth,
            Script = Script ?? other.Script,
            Release = Release ?? other.Release,
            DebugHighmem = DebugHighmem || other.DebugHighmem,
            Preempt = Preempt ?? other.Preempt,
        };
    }

    /// <summary>
    /// The size that a scenario will be booted with: what was asked for, checked, and its defaults for the rest.
    /// </summary>
    /// <exception cref="UsageException">A size is impossible; the message names the allowed range.</exception>
    public ScenarioSize Resolve(ScenarioAttribute scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var size = new ScenarioSize
        {
            Tasks = Part(scenario, SizeParts.Tasks, Tasks, scenario.Tasks, scenario.TasksMin, Transition.MaxContexts),
            Slots = Part(scenario, SizeParts.Slots, Slots, scenario.Slots, 1, SlotsMax),
            Pages = Part(scenario, SizeParts.Pages, Pages, scenario.Pages, 1, PagesMax),
            Cpus = Part(scenario, SizeParts.Cpus, Cpus, scenario.Cpus, 1, Transition.MaxContexts),
            Rounds = RoundsOf(scenario),
            Depth = Part(scenario, SizeParts.Depth, Depth, scenario.Depth, 1, DepthMax),
            Script = (scenario.Uses & SizeParts.Script) == 0 ? "" : Finding.FirstLineOf(Script ?? scenario.Script),
            Release = Release ?? new ScenarioSize().Release,
            DebugHighmem = DebugHighmem,
        };
        if ((size.Slots & (size.Slots - 1)) != 0)
            throw new UsageException($"--slots {size.Slots} is no power of two: the kernel's cursor goes round by a mask (1, 2, 4 ... {SlotsMax})");

        return size;
    }

    private int RoundsOf(ScenarioAttribute scenario)
    {
        if (Rounds != ScenarioSize.AnyRounds)
            return Part(scenario, SizeParts.Rounds, Rounds, scenario.Rounds, 0, RoundsMax);

        if ((scenario.Uses & SizeParts.Rounds) == 0)
            return scenario.Rounds;

        return scenario.AnyRounds
            ? ScenarioSize.AnyRounds
            : throw new UsageException(
                $"--rounds any is impossible: {scenario.Name} takes 0 to {RoundsMax}, or forever (with AnyRounds = true it may, if its tasks await RoundsLeft.Next(kernel))");
    }

    private static int Part(ScenarioAttribute scenario, SizeParts part, int? asked, int usual, int min, int max)
    {
        if (asked is not { } value)
            return usual;

        // Also for a size that the scenario ignores: nobody means an impossible one.
        if (value < min || value > max)
        {
            string forever = part != SizeParts.Rounds ? "" : scenario.AnyRounds ? ", forever or any" : ", or forever";
            throw new UsageException($"--{part.ToString().ToLowerInvariant()} {value} is impossible: {scenario.Name} takes {min} to {max}{forever}");
        }

        return (scenario.Uses & part) == 0 ? usual : value;
    }

    private static int? Given(int value) => value == 0 ? null : value;
}
