using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Kmaplab.Stress.CommandLine;

/// <summary>Options that take a number, and say what they take when they get something else.</summary>
internal static class NumberOption
{
    internal static Option<T> Create<T>(string name, string description, T min, T max, T usual)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => usual,
            CustomParser = result => Parse(result, name, min, max),
        };

    internal static Option<T?> CreateOptional<T>(string name, string description, T min, T max)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => Parse(result, name, min, max),
        };

    private static T Parse<T>(ArgumentResult result, string name, T min, T max)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        if (
            T.TryParse(text, StylesOf<T>(), CultureInfo.InvariantCulture, out T value)
            && value >= min
            && value <= max)
            return value;

        result.AddError($"{name} takes a number from {min} to {max}, not '{text}'");
        return default;
    }

    private static NumberStyles StylesOf<T>() => typeof(T) == typeof(double)
        ? NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
        : NumberStyles.AllowLeadingSign;
}
