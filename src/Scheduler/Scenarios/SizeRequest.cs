using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>What somebody asks for; all else is left to the scenario.</summary>
public sealed record SizeRequest
{
    /// <summary>What is asked for, in the order in which it was, each parameter once.</summary>
    public IReadOnlyList<ParameterSetting> Settings { get; private init; } = [];

    /// <summary>--tasks.</summary>
    public int? Tasks
    {
        get => Number(SizeParameters.Tasks);
        init => Settings = Put(SizeParameters.Tasks, value);
    }

    /// <summary>--slots.</summary>
    public int? Slots
    {
        get => Number(SizeParameters.Slots);
        init => Settings = Put(SizeParameters.Slots, value);
    }

    /// <summary>--pages.</summary>
    public int? Pages
    {
        get => Number(SizeParameters.Pages);
        init => Settings = Put(SizeParameters.Pages, value);
    }

    /// <summary>--cpus.</summary>
    public int? Cpus
    {
        get => Number(SizeParameters.Cpus);
        init => Settings = Put(SizeParameters.Cpus, value);
    }

    /// <summary>--rounds; <see cref="ScenarioSize.Forever"/> or <see cref="ScenarioSize.AnyRounds"/>.</summary>
    public int? Rounds
    {
        get => Number(SizeParameters.Rounds);
        init => Settings = Put(SizeParameters.Rounds, value);
    }

    /// <summary>--depth.</summary>
    public int? Depth
    {
        get => Number(SizeParameters.Depth);
        init => Settings = Put(SizeParameters.Depth, value);
    }

    /// <summary>--script.</summary>
    public string? Script
    {
        get => Find(SizeParameters.Script)?.Text;
        init => Settings = Put(SizeParameters.Script, value);
    }

    /// <summary>--preempt: CONFIG_PREEMPT.</summary>
    public bool? Preempt { get; init; }

    /// <summary>What a race asks for.</summary>
    /// <exception cref="UsageException">It asks for something twice.</exception>
    public static SizeRequest Of(RaceAttribute race)
    {
        ArgumentNullException.ThrowIfNull(race);
        var sizes = new SizeRequest
        {
            Tasks = Given(race.Tasks),
            Slots = Given(race.Slots),
            Pages = Given(race.Pages),
            Cpus = Given(race.Cpus),
            Rounds = Given(race.Rounds),
            Depth = Given(race.Depth),
            Script = race.Script.Length == 0 ? null : race.Script,
            Preempt = race.NoPreempt ? false : null,
        };
        return race.Set.Aggregate(sizes, (request, text) => request.And(ParameterSetting.ParseSet(text)));
    }

    /// <summary>The same request, which asks for something more.</summary>
    /// <exception cref="UsageException">It asks for that already.</exception>
    public SizeRequest And(ParameterSetting setting) => Find(setting.Name) is { } other
        ? throw new UsageException($"'{setting.Name}' is given twice: {other} and {setting}")
        : this with { Settings = [.. Settings, setting] };

    /// <summary>The same request, completed by <paramref name="other"/> where it asks for nothing.</summary>
    public SizeRequest Or(SizeRequest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SizeRequest
        {
            Settings = [.. Settings, .. other.Settings.Where(setting => Find(setting.Name) is null)],
            Preempt = Preempt ?? other.Preempt,
        };
    }

    private static int? Given(int value) => value == 0 ? null : value;

    private static NumberParameter SizeOf(string name) =>
        SizeParameters.All.OfType<NumberParameter>().First(size => size.Name == name);

    private ParameterSetting? Find(string name) =>
        Settings.Cast<ParameterSetting?>().FirstOrDefault(setting => setting?.Name == name);

    private int? Number(string name) => Find(name) is { } setting ? SizeOf(name).NumberOf(setting.Text) : null;

    private IReadOnlyList<ParameterSetting> Put(string name, int? value) =>
        Put(name, value is { } number ? SizeOf(name).Keep(number) : null);

    private IReadOnlyList<ParameterSetting> Put(string name, string? value)
    {
        IEnumerable<ParameterSetting> others = Settings.Where(setting => setting.Name != name);
        return value is null ? [.. others] : [.. others, ParameterSetting.OfOption(name, value)];
    }
}
