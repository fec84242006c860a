using System.Reflection;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>All scenarios, variants and races of some assemblies, found by their attributes.</summary>
public sealed class ScenarioCatalogue
{
    private readonly string _program;
    private readonly Dictionary<string, ScenarioEntry> _scenarios = [];
    private readonly Dictionary<string, VariantEntry> _variants = [];
    private readonly Dictionary<string, RaceEntry> _races = [];
    private readonly Dictionary<string, DetectorEntry> _detectors = [];

    /// <summary>Looks through <paramref name="assemblies"/>.</summary>
    /// <exception cref="UsageException">Two things have the same name, or a class is no scenario or variant although it
    /// says so.</exception>
    public ScenarioCatalogue(params IEnumerable<Assembly> assemblies)
        : this("", assemblies)
    {
    }

    /// <summary>Looks through <paramref name="assemblies"/> for a program that has commands to list what is
    /// there.</summary>
    /// <param name="program">Its name, which errors mention; empty for none.</param>
    /// <param name="assemblies">Where scenarios and the rest may be.</param>
    /// <exception cref="UsageException">Two things have the same name, or a class is no scenario or variant although it
    /// says so.</exception>
    public ScenarioCatalogue(string program, IEnumerable<Assembly> assemblies)
    {
        _program = program;
        Type[] types = [.. assemblies.Distinct().SelectMany(assembly => assembly.GetTypes())];
        foreach (Type type in types)
        {
            if (type.GetCustomAttribute<ScenarioAttribute>(inherit: false) is { } scenario)
                Add(_scenarios, scenario.Name, type, new ScenarioEntry(scenario, Checked(type)));

            if (type.GetCustomAttribute<VariantAttribute>(inherit: false) is { } variant)
                Add(_variants, variant.Name, type, new VariantEntry(variant, Checked(type)));

            if (type.GetCustomAttribute<DetectorAttribute>(inherit: false) is { } detector)
                Add(_detectors, detector.Name, type, new DetectorEntry(detector, type));
        }

        foreach (ScenarioEntry entry in _scenarios.Values)
            _ = entry.Parameters; // Refused now rather than when somebody asks.

        Detectors = [.. _detectors.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal)];

        foreach (Type type in types)
        {
            if (type.GetCustomAttribute<RaceAttribute>(inherit: false) is not { } race)
                continue;

            if (_scenarios.ContainsKey(race.Name))
                throw NotUnique(race.Name);

            Add(_races, race.Name, type, new RaceEntry(race, ExperimentOf(race, type)));
        }

        IEnumerable<ScenarioEntry> listed = _scenarios.Values.Where(entry => entry.Attribute.IsListed);
        Scenarios = [.. listed.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        Variants = [.. _variants.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        Races = [.. _races.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    /// <summary>Sees whether the code of these scenarios comes back.</summary>
    public CallWatch Watch { get; } = new();

    /// <summary>The detectors that modules bring, by name.</summary>
    public IReadOnlyList<DetectorEntry> Detectors { get; }

    /// <summary>The scenarios, by name.</summary>
    public IReadOnlyList<ScenarioEntry> Scenarios { get; }

    /// <summary>The variants, by name.</summary>
    public IReadOnlyList<VariantEntry> Variants { get; }

    /// <summary>The races, by name.</summary>
    public IReadOnlyList<RaceEntry> Races { get; }

    /// <summary>The scenario of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public ScenarioEntry Scenario(string name) => Find(_scenarios, name, "scenario", "scenarios");

    /// <summary>The variant of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public VariantEntry Variant(string name) => Find(_variants, name, "variant", "scenarios");

    /// <summary>The race of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public RaceEntry Race(string name) => Find(_races, name, "race", "races");

    /// <summary>The scenario of that name, or null.</summary>
    public ScenarioEntry? FindScenario(string name) => _scenarios.GetValueOrDefault(name);

    /// <summary>The variant of that name, or null.</summary>
    public VariantEntry? FindVariant(string name) => _variants.GetValueOrDefault(name);

    /// <summary>The race of that name, or null.</summary>
    public RaceEntry? FindRace(string name) => _races.GetValueOrDefault(name);

    /// <summary>A scenario for some kernel, with a variant in it if one is given.</summary>
    public static Scenario<TKernel> Create<TKernel>(ScenarioEntry scenario, VariantEntry? variant)
        where TKernel : struct, IKernel
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Scenario<TKernel> made = New<TKernel>(scenario.Definition);
        if (variant is not null)
            made.UseVariant(variant.Definition.MakeGenericType(typeof(TKernel)));

        return made;
    }

    /// <summary>A scenario for some kernel, by name.</summary>
    /// <exception cref="UsageException">There is no such scenario, or no such variant.</exception>
    public Scenario<TKernel> Create<TKernel>(string scenario, string? variant = null)
        where TKernel : struct, IKernel =>
        Create<TKernel>(Scenario(scenario), variant is null ? null : Variant(variant));

    /// <summary>
    /// What TARGET means on a command line: a scenario, or a race, with the sizes that were asked for.
    /// </summary>
    /// <exception cref="UsageException">There is no such target, or a size is impossible.</exception>
    public Experiment Resolve(string target, string? variant, SizeRequest sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        RaceEntry? race = FindRace(target);
        if (race is null && !_scenarios.ContainsKey(target))
        {
            string suggestion = NearestName.Suggestion(
                target,
                _scenarios.Keys.Concat(_races.Keys).Order(StringComparer.Ordinal));
            string hint = Hint($"{_program} scenarios and {_program} races list");
            throw new UsageException($"there is no scenario or race '{target}'{suggestion}{hint}");
        }

        ScenarioEntry scenario = race?.Experiment.Scenario ?? Scenario(target);
        VariantEntry? chosen = variant is null ? race?.Experiment.Variant : Variant(variant);
        return Complete(scenario, chosen, race is null ? sizes : sizes.Or(SizeRequest.Of(race.Attribute)));
    }

    /// <summary>An experiment of these parameters.</summary>
    internal Experiment Complete(ScenarioEntry scenario, VariantEntry? variant, SizeRequest asked)
    {
        Parameters parameters = scenario.Parameters.Settle(asked);
        Experiment experiment = NewExperiment(scenario, variant, parameters, asked.Preempt ?? true);
        int pages = experiment.Size.Pages;
        if (scenario.Parameters.Find(SizeParameters.Pages) is not NumberParameter taken)
            return experiment;

        if (pages > taken.Max)
            throw new UsageException(
                $"{scenario.Name} needs {pages} pages at these sizes, and a machine has at most {taken.Max}: smaller "
                + "sizes fit");

        // As many as needed: kept as a number, which another build need not find again.
        return experiment with { Parameters = experiment.Parameters.With(SizeParameters.Pages, $"{pages}") };
    }

    internal Experiment NewExperiment(
        ScenarioEntry scenario, VariantEntry? variant, Parameters parameters, bool preempt) =>
        new(scenario, variant, parameters) { Preempt = preempt, Watch = Watch, Detectors = Detectors };

    /// <summary>What a scenario says of itself; whoever has written it wants to know if it cannot.</summary>
    internal static int Ask(ScenarioEntry scenario, string question, Func<int> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception exception) when (exception is not (UsageException or OutOfMemoryException))
        {
            throw new UsageException(
                $"{Where(scenario.Definition)}: its {question}(size) throws {exception.GetType().Name}: "
                + $"{exception.Message}");
        }
    }

    private static string Where(Type definition) => $"{definition.FullName} in {definition.Assembly.GetName().Name}";

    private Experiment ExperimentOf(RaceAttribute race, Type type)
    {
        ScenarioAttribute? scenario = type.GetCustomAttribute<ScenarioAttribute>(inherit: false);
        VariantEntry? variant = type.GetCustomAttribute<VariantAttribute>(inherit: false) is { } attribute
            ? Variant(attribute.Name)
            : null;
        try
        {
            return Complete(Scenario(scenario?.Name ?? race.Scenario), variant, SizeRequest.Of(race));
        }
        catch (UsageException exception)
        {
            throw new UsageException(
                $"the race '{race.Name}' ({type.FullName} in {type.Assembly.GetName().Name}) is impossible: "
                + $"{exception.Message}");
        }
    }

    private static Scenario<TKernel> New<TKernel>(Type definition)
        where TKernel : struct, IKernel
    {
        string where = Where(definition);
        try
        {
            return (Scenario<TKernel>)Activator.CreateInstance(definition.MakeGenericType(typeof(TKernel)))!;
        }
        catch (TargetInvocationException exception)
        {
            Exception thrown = exception.InnerException ?? exception;
            thrown = thrown is TypeInitializationException { InnerException: { } cause } ? cause : thrown;
            throw new UsageException(
                $"{where} cannot be made: its constructor throws {thrown.GetType().Name}: {thrown.Message}");
        }
        catch (Exception exception)
            when (exception is MissingMethodException or InvalidCastException or ArgumentException)
        {
            throw new UsageException(
                $"{where} cannot be a scenario: it must be a Scenario<TKernel> with a public constructor that takes "
                + "nothing, and TKernel a struct");
        }
    }

    private static Type Checked(Type type) =>
        type is { IsGenericTypeDefinition: true, IsAbstract: false } && type.GetGenericArguments().Length == 1
            ? type
            : throw new UsageException(
                $"{type.FullName} in {type.Assembly.GetName().Name} cannot be a scenario or variant: it must be a "
                + "class with one type parameter, the kernel");

    private static void Add<T>(Dictionary<string, T> entries, string name, Type type, T entry)
    {
        // Names become parts of file names and of command lines.
        if (!Parameters.IsName(name))
            throw new UsageException(
                $"{type.Name.Split('`')[0]} in {type.Assembly.GetName().Name}: '{name}' is no name for a scenario, "
                + "variant, race or detector: names are made of a-z, 0-9 and -");

        if (!entries.TryAdd(name, entry))
            throw NotUnique(name);
    }

    private static UsageException NotUnique(string name) =>
        new($"two things are called '{name}': names of scenarios, variants and races must be unique over all modules");

    private T Find<T>(Dictionary<string, T> entries, string name, string kind, string command)
    {
        if (entries.TryGetValue(name, out T? entry))
            return entry;

        string suggestion = NearestName.Suggestion(name, entries.Keys.Order(StringComparer.Ordinal));
        throw new UsageException($"there is no {kind} '{name}'{suggestion}{Hint($"{_program} {command} lists")}");
    }

    private string Hint(string lists) =>
        _program.Length == 0 ? "" : $" ({lists} them; one of an assembly of your own needs --module FILE.dll)";
}
