using System.Globalization;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Fields of the format that several objects have.</summary>
internal static class JsonFields
{
    public static void WriteNumbers(this Utf8JsonWriter json, string name, ValueArray<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (int number in numbers)
            json.WriteNumberValue(number);

        json.WriteEndArray();
    }

    public static void WriteNumbers(this Utf8JsonWriter json, string name, ValueArray<uint> numbers)
    {
        json.WriteStartArray(name);
        foreach (uint number in numbers)
            json.WriteNumberValue(number);

        json.WriteEndArray();
    }

    /// <summary>Writes the pages that have an address, upwards.</summary>
    public static void WriteAddresses(this Utf8JsonWriter json, string name, ValueArray<uint> byPage)
    {
        json.WriteStartObject(name);
        for (int page = 0; page < byPage.Count; page++)
        {
            if (byPage[page] != 0)
                json.WriteNumber(Key(page), byPage[page]);
        }

        json.WriteEndObject();
    }

    public static void WriteOptional(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is long value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    public static void WriteBug(this Utf8JsonWriter json, BugCode? bug)
        => json.WriteString("bug", bug is BugCode code ? TraceWords.Bugs[code] : null);

    /// <summary>A number as the key of an object.</summary>
    public static string Key(int number) => number.ToString(CultureInfo.InvariantCulture);
}
