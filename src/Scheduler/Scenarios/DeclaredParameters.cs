using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>The parameters that attributes of a scenario's class declare, and of those that it derives from.</summary>
internal static class DeclaredParameters
{
    /// <summary>All of them: those of whole families first, then the scenario's own by name.</summary>
    /// <exception cref="UsageException">They cannot be.</exception>
    internal static IReadOnlyList<Parameter> Of(Type definition)
    {
        string where = $"{definition.FullName} in {definition.Assembly.GetName().Name}";
        ILookup<bool, Parameter> declared = Ask(definition, where).ToLookup(each => each.IsOwn, each => each.Parameter);

        // Nobody promises an order of attributes.
        Parameter[] own = [.. declared[true].OrderBy(parameter => parameter.Name, StringComparer.Ordinal)];
        Parameter[] all = [.. declared[false], .. own];
        IEnumerable<string?> problems = [.. own.Select(ProblemOfOwn), .. all.Select(ProblemOf), Twice(all)];
        string? problem = problems.FirstOrDefault(each => each is not null);
        return problem is null ? all : throw new UsageException($"{where} declares a parameter wrongly: {problem}");
    }

    private static (bool IsOwn, Parameter Parameter)[] Ask(Type definition, string where)
    {
        IEnumerable<(bool, Parameter)> Of(IDeclaresParameters source) =>
            source.Parameters.Select(parameter => (source is ParameterAttribute, parameter));

        try
        {
            return [.. definition.GetCustomAttributes(inherit: true).OfType<IDeclaresParameters>().SelectMany(Of)];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            string thrown = $"{exception.GetType().Name}: {exception.Message}";
            throw new UsageException($"{where}: an attribute that declares its parameters throws {thrown}");
        }
    }

    private static string? ProblemOfOwn(Parameter parameter) => SizeParameters.PartOf(parameter.Name) == SizeParts.None
        ? null
        : $"'{parameter.Name}' is a size: let [Scenario] say that it is used, and its usual value";

    private static string? ProblemOf(Parameter parameter)
    {
        if (!Parameters.IsName(parameter.Name))
            return $"'{parameter.Name}' is no name: names are made of a-z, 0-9 and -";

        // The usual value of a size is the scenario's.
        if (SizeParameters.All.FirstOrDefault(size => size.Name == parameter.Name) is { } size)
            return size.GetType() == parameter.GetType() ? null : $"'{parameter.Name}' is a size of another kind";

        try
        {
            string source = $"the default of '{parameter.Name}', ";
            parameter.Check(new ParameterSetting(parameter.Name, parameter.Default, source), "it");
            return null;
        }
        catch (UsageException exception)
        {
            return exception.Message;
        }
    }

    private static string? Twice(IEnumerable<Parameter> parameters) => parameters
        .GroupBy(parameter => parameter.Name)
        .Where(same => same.Count() > 1)
        .Select(same => $"'{same.Key}' is declared twice")
        .FirstOrDefault();
}
