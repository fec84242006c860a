using System.Globalization;
using System.Text.Json;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>
/// Values as plans write them: a number, a text, on or off, a list of such, or a range { "from": 1, "to": 8, "times": 2
/// }.
/// </summary>
internal static class PlanValues
{
    private const int RangeMax = 100_000;

    /// <summary>All values, as an option would take each.</summary>
    /// <exception cref="UsageException">They are none, or not such.</exception>
    internal static IReadOnlyList<string> Read(JsonElement value, string place) =>
        NotTwice(Values(value, place), place);

    /// <summary>Names of something: at least one, and none twice.</summary>
    /// <exception cref="UsageException">They are not such.</exception>
    internal static string[] Names(string?[]? names, string place) => NotTwice(
        (names ?? []).Select(name => string.IsNullOrEmpty(name)
            ? throw new UsageException($"{place} has a name that is empty")
            : name),
        place);

    /// <summary>Values, of which there is at least one, and none twice.</summary>
    /// <exception cref="UsageException">They are not such.</exception>
    internal static T[] NotTwice<T>(IEnumerable<T> values, string place)
    {
        T[] all = [.. values];
        return all.Length == 0 ? throw new UsageException($"{place} has no values, so nothing would be run")
            : all.GroupBy(each => each).FirstOrDefault(each => each.Count() > 1) is { } twice
                ? throw new UsageException($"{place} has '{twice.Key}' twice")
            : all;
    }

    /// <summary>The same for seeds.</summary>
    /// <exception cref="UsageException">One of them is no seed.</exception>
    internal static IReadOnlyList<ulong> ReadSeeds(JsonElement value, string place) => NotTwice(
        Read(value, place).Select(text =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                ? seed
                : throw new UsageException($"{place}: '{text}' is no seed: a number from 0 to {ulong.MaxValue}")),
        place);

    private static IEnumerable<string> Values(JsonElement value, string place) => value.ValueKind switch
    {
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => [text],
        JsonValueKind.True => ["on"],
        JsonValueKind.False => ["off"],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(each => Values(each, place)),
        JsonValueKind.Object => Range(value, place),
        JsonValueKind.String => throw new UsageException($"{place} has a value that is empty"),
        _ => throw new UsageException($"{place} has a value that is null"),
    };

    private static List<string> Range(JsonElement range, string place)
    {
        long? from = null;
        long? to = null;
        long? by = null;
        long? times = null;
        foreach (JsonProperty bound in range.EnumerateObject())
        {
            bool isNumber = bound.Value.ValueKind == JsonValueKind.Number && bound.Value.TryGetInt64(out long _);
            long number = isNumber
                ? bound.Value.GetInt64()
                : throw new UsageException($"{place}: the '{bound.Name}' of a range is a whole number");
            _ = bound.Name switch
            {
                "from" => from = number,
                "to" => to = number,
                "by" => by = number,
                "times" => times = number,
                _ => throw new UsageException(
                    $"{place}: a range has from, to and perhaps by or times, not '{bound.Name}'"),
            };
        }

        if (from is not { } first || to is not { } last || first > last)
            throw new UsageException($"{place}: a range goes from a number to one that is not smaller");

        if (by is <= 0 || times is <= 1 || (by is not null && times is not null) || (times is not null && first <= 0))
            throw new UsageException($"{place}: a range grows by a number from 1, or times one from 2");

        var values = new List<string>();
        for (Int128 number = first; number <= last; number = times is { } factor ? number * factor : number + (by ?? 1))
        {
            if (values.Count == RangeMax)
                throw new UsageException($"{place}: a range has at most {RangeMax} values");

            values.Add(number.ToString(CultureInfo.InvariantCulture));
        }

        return values;
    }
}
