using System.Globalization;
using System.Reflection;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>The search strategies of the library and of some other assemblies, found by their attributes.</summary>
public sealed class StrategyCatalogue
{
    private readonly Dictionary<string, StrategyEntry> _entries = [];

    /// <summary>Looks through the library and <paramref name="assemblies"/>.</summary>
    /// <exception cref="UsageException">Two strategies have the same name, or one is none.</exception>
    public StrategyCatalogue(params IEnumerable<Assembly> assemblies)
    {
        IEnumerable<Assembly> all = assemblies.Prepend(typeof(SearchStrategy).Assembly).Distinct();
        foreach (Type type in all.SelectMany(assembly => assembly.GetTypes()))
        {
            // The compiler has made most types, and to ask each would take longer than to load it.
            if (type.Name.StartsWith('<') || type.GetCustomAttribute<StrategyAttribute>() is not { } attribute)
                continue;

            if (!_entries.TryAdd(attribute.Name, new StrategyEntry(attribute, type)))
                throw NotUnique(attribute.Name);
        }

        Entries = [.. _entries.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    /// <summary>The strategies, by name.</summary>
    public IReadOnlyList<StrategyEntry> Entries { get; }

    /// <summary>The strategy of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public StrategyEntry Strategy(string name)
    {
        IEnumerable<string> names = Entries.Select(entry => entry.Name);
        if (name.Split(':') is [var before, var bound] && _entries.TryGetValue(before, out StrategyEntry? bounded))
            return bounded.With(bound);

        return _entries.TryGetValue(name, out StrategyEntry? entry)
            ? entry
            : throw new UsageException(
                $"there is no strategy '{name}'{NearestName.Suggestion(name, names)} (there is "
                + $"{string.Join(", ", names)})");
    }

    private static UsageException NotUnique(string name) =>
        new($"two strategies are called '{name}': names must be unique over all modules");
}

/// <summary>A search strategy that was found.</summary>
/// <param name="Attribute">What it says about itself.</param>
/// <param name="Definition">Its class.</param>
public sealed record StrategyEntry(StrategyAttribute Attribute, Type Definition)
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name => Attribute.Name;

    /// <summary>The name, with the number behind it if there is one.</summary>
    public string Label => Bound is { } bound ? $"{Name}:{bound}" : Name;

    /// <summary>The number behind its name, if there is one.</summary>
    public int? Bound { get; private init; }

    /// <summary>The strategy of a name with a number behind it, as in pct:3.</summary>
    /// <exception cref="UsageException">It takes none, or not that one.</exception>
    internal StrategyEntry With(string bound)
    {
        if (Attribute.Bound.Length == 0)
            throw new UsageException($"the strategy {Name} takes no number, so not '{Name}:{bound}': leave it out");

        bool isNumber = int.TryParse(bound, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return isNumber && number >= Attribute.BoundMin && number <= Attribute.BoundMax
            ? this with { Bound = number }
            : throw new UsageException(
                $"the {Attribute.Bound} of {Name} is {Attribute.BoundMin} to {Attribute.BoundMax}, not '{bound}'; "
                + $"with {Name} alone it is drawn for each execution");
    }

    /// <summary>A new one, for one thread.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    public SearchStrategy Create(ulong seed)
    {
        string where = $"{Definition.FullName} in {Definition.Assembly.GetName().Name}";
        try
        {
            return (SearchStrategy)(
                Bound is { } bound
                    ? Activator.CreateInstance(Definition, seed, bound)
                    : Activator.CreateInstance(Definition, seed))!;
        }
        catch (TargetInvocationException exception)
        {
            Exception thrown = exception.InnerException ?? exception;
            throw new UsageException(
                $"{where} cannot be made: its constructor throws {thrown.GetType().Name}: {thrown.Message}");
        }
        catch (Exception exception)
            when (exception is InvalidCastException or ArgumentException or MemberAccessException)
        {
            throw new UsageException(
                $"{where} cannot be a strategy: it must be a SearchStrategy with a public constructor that takes the "
                + "seed, a ulong");
        }
    }
}
