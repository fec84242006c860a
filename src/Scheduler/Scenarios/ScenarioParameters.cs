using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>What a scenario can be told: the sizes that it uses, and what its class declares besides.</summary>
public sealed class ScenarioParameters
{
    private readonly string _scenario;
    private readonly string _where; // Its class, and the module that has it.
    private readonly IReadOnlyList<Parameter> _ignored; // Sizes that it does not use.

    private ScenarioParameters(
        string scenario, string where, IReadOnlyList<Parameter> taken, IReadOnlyList<Parameter> ignored)
    {
        _scenario = scenario;
        _where = where;
        Taken = taken;
        _ignored = ignored;
    }

    /// <summary>The parameters that it takes: the sizes, and then the others.</summary>
    public IReadOnlyList<Parameter> Taken { get; }

    /// <summary>What a scenario declares.</summary>
    /// <exception cref="UsageException">It declares something that cannot be.</exception>
    public static ScenarioParameters Of(ScenarioAttribute scenario, Type definition)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(definition);
        IReadOnlyList<Parameter> declared = DeclaredParameters.Of(definition);
        ILookup<bool, Parameter> sizes = SizeParameters.All.ToLookup(IsUsed, Fitted);
        IEnumerable<Parameter> others = declared.Where(other => SizeParameters.PartOf(other.Name) == SizeParts.None);
        string where = $"{definition.FullName} in {definition.Assembly.GetName().Name}";
        return new ScenarioParameters(scenario.Name, where, [.. sizes[true], .. others], [.. sizes[false]]);

        bool IsUsed(Parameter size) => (scenario.Uses & SizeParameters.PartOf(size.Name)) != 0;

        Parameter Fitted(Parameter size)
        {
            Parameter general = declared.FirstOrDefault(other => other.Name == size.Name) ?? size;
            return SizeParameters.Of(scenario, general, IsUsed(size));
        }
    }

    /// <summary>The parameter of that name; null if it takes none.</summary>
    public Parameter? Find(string name) => Taken.FirstOrDefault(parameter => parameter.Name == name);

    /// <summary>A value for each parameter: what was asked for, checked, and its default for the rest.</summary>
    /// <exception cref="UsageException">What was asked for is impossible, or there is no such parameter.</exception>
    public Parameters Settle(SizeRequest asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        CheckUsualSizes();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ParameterSetting setting in asked.Settings)
        {
            if (Find(setting.Name) is { } taken)
            {
                taken.Check(setting, _scenario);
                values.Add(taken.Name, taken.Read(setting));
            }
            else if (setting.MustBeTaken)
            {
                throw Unknown($"{setting}", setting.Name);
            }
            else
            {
                // Nobody means an impossible one. What is no size is an option for others.
                _ignored.FirstOrDefault(size => size.Name == setting.Name)?.Check(setting, _scenario);
            }
        }

        return Each(parameter => values.GetValueOrDefault(parameter.Name, parameter.Default));
    }

    /// <summary>
    /// The parameters that a schedule has kept, in this order. They are neither completed nor replaced: what is not as
    /// it was would be another experiment.
    /// </summary>
    /// <param name="kept">What the schedule says.</param>
    /// <param name="saysAll">It says every size, also those that the scenario does not take.</param>
    /// <exception cref="UsageException">The scenario takes others now, or these are impossible.</exception>
    public Parameters Restore(Parameters kept, bool saysAll)
    {
        ArgumentNullException.ThrowIfNull(kept);
        foreach (ParameterValue value in kept.Values)
        {
            if (!saysAll && Find(value.Name) is null)
                throw Unknown($"the schedule says {value}", value.Name);
        }

        return Each(parameter => Restore(parameter, kept.Find(parameter.Name)));
    }

    /// <summary>The sizes, with what the scenario always has for those that it does not take.</summary>
    internal ScenarioSize SizeOf(Parameters parameters)
    {
        return new ScenarioSize
        {
            Tasks = Number(SizeParameters.Tasks),
            Slots = Number(SizeParameters.Slots),
            Pages = Number(SizeParameters.Pages),
            Cpus = Number(SizeParameters.Cpus),
            Rounds = Number(SizeParameters.Rounds),
            Depth = Number(SizeParameters.Depth),
            Script = Find(SizeParameters.Script) is null ? "" : parameters.Text(SizeParameters.Script),
            Parameters = parameters,
        };

        int Number(string name) => Find(name) is NumberParameter taken
            ? taken.NumberOf(parameters.Text(name))
            : _ignored.OfType<NumberParameter>().First(size => size.Name == name).Usual;
    }

    private Parameters Each(Func<Parameter, string> value) =>
        new(Taken.Select(parameter => new ParameterValue(parameter.Name, value(parameter))));

    private string Restore(Parameter parameter, string? kept)
    {
        if (kept is null)
        {
            string missing = $"the schedule does not say '{parameter.Name}', which {_scenario} takes";
            throw new UsageException($"{missing}: it was recorded with another {_scenario}");
        }

        // A default may be something that nobody can ask for.
        var setting = ParameterSetting.OfSchedule(parameter.Name, kept);
        if (kept != parameter.Default || parameter is NumberParameter { PowerOfTwo: true })
            parameter.Check(setting, _scenario);

        return parameter.Read(setting);
    }

    // The usual sizes of a scenario are its author's, who may be wrong.
    private void CheckUsualSizes()
    {
        foreach (NumberParameter number in Taken.Concat(_ignored).OfType<NumberParameter>())
        {
            bool isLeftOpen = number is { Usual: 0, Min: > 0, Name: SizeParameters.Pages or SizeParameters.Cpus };
            if (!isLeftOpen && (number.PowerOfTwo || Taken.Contains(number)))
                CheckUsual(number);
        }
    }

    private void CheckUsual(NumberParameter number)
    {
        try
        {
            string source = $"{char.ToUpperInvariant(number.Name[0])}{number.Name[1..]} = ";
            number.Check(new ParameterSetting(number.Name, number.Default, source), "it");
        }
        catch (UsageException exception)
        {
            throw new UsageException($"[Scenario] of {_where} says something impossible: {exception.Message}");
        }
    }

    private UsageException Unknown(string what, string name)
    {
        IEnumerable<string> names = Taken.Select(parameter => parameter.Name);
        string all = Taken.Count == 0 ? "none" : string.Join(", ", names);
        string suggestion = NearestName.Suggestion(name, names);
        return new UsageException($"{what}: {_scenario} has no parameter '{name}'{suggestion} (it takes {all})");
    }
}
