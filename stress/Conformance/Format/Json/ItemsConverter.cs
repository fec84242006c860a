using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance.Format.Json;

/// <summary>The items of an array, or the members of an object whose keys are data, in the order of the file.</summary>
/// <remarks>
/// Items are read here and not by converters of their own: the library's code for each type of value would be compiled
/// at each start, which takes longer than reading a trace.
/// </remarks>
internal abstract class ItemsConverter<T>(JsonTokenType start, JsonTokenType end, string what) : JsonConverter<T[]>
{
    private const int FirstSize = 32;

    // Filled and copied from line after line; no item is a list of the same kind.
    [ThreadStatic]
    private static T[]? t_items;

    public sealed override bool HandleNull => true;

    public sealed override T[] Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Read(ref json);

    public T[] Read(ref Utf8JsonReader json)
    {
        Scalars.Require(start, what, json);
        T[] items = t_items ??= new T[FirstSize];
        int count = 0;
        while (json.Read() && json.TokenType != end)
        {
            if (count == items.Length)
                Array.Resize(ref t_items, 2 * count);

            items = t_items;
            items[count++] = ReadItem(ref json);
        }

        return items.AsSpan(0, count).ToArray();
    }

    public sealed override void Write(Utf8JsonWriter json, T[] value, JsonSerializerOptions options) =>
        Write(json, value);

    public void Write(Utf8JsonWriter json, ReadOnlySpan<T> items)
    {
        bool isArray = start == JsonTokenType.StartArray;
        if (isArray)
            json.WriteStartArray();
        else
            json.WriteStartObject();

        foreach (T item in items)
            WriteItem(json, item);

        if (isArray)
            json.WriteEndArray();
        else
            json.WriteEndObject();
    }

    /// <summary>Reads an item, or a member from its key on, where the reader stands.</summary>
    protected abstract T ReadItem(ref Utf8JsonReader json);

    protected abstract void WriteItem(Utf8JsonWriter json, T item);
}

/// <summary>An array of items of one kind.</summary>
internal abstract class ListConverter<T>()
    : ItemsConverter<T>(JsonTokenType.StartArray, JsonTokenType.EndArray, "an array");

/// <summary>Whole numbers.</summary>
internal sealed class IntsConverter : ListConverter<int>
{
    public static IntsConverter Instance { get; } = new();

    protected override int ReadItem(ref Utf8JsonReader json) => Scalars.Int(ref json);

    protected override void WriteItem(Utf8JsonWriter json, int item) => json.WriteNumberValue(item);
}

/// <summary>Addresses, or frames' numbers.</summary>
internal sealed class UnsignedsConverter : ListConverter<uint>
{
    protected override uint ReadItem(ref Utf8JsonReader json) => Scalars.Unsigned(ref json);

    protected override void WriteItem(Utf8JsonWriter json, uint item) => json.WriteNumberValue(item);
}

/// <summary>What the tasks are doing.</summary>
internal sealed class ConditionsConverter : ListConverter<TaskCondition>
{
    protected override TaskCondition ReadItem(ref Utf8JsonReader json) => Scalars.Word<TaskCondition>(ref json);

    protected override void WriteItem(Utf8JsonWriter json, TaskCondition item) =>
        json.WriteStringValue(Words<TaskCondition>.Utf8(item));
}
