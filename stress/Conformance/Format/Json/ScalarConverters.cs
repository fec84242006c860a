using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance.Format.Json;

/// <summary>A number; how large it may be is a rule.</summary>
internal sealed class LongConverter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Scalars.Long(ref json);

    public override void Write(Utf8JsonWriter json, long value, JsonSerializerOptions options) =>
        json.WriteNumberValue(value);
}

/// <summary>Yes or no.</summary>
internal sealed class BoolConverter : JsonConverter<bool>
{
    public override bool Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Scalars.Bool(ref json);

    public override void Write(Utf8JsonWriter json, bool value, JsonSerializerOptions options) =>
        json.WriteBooleanValue(value);
}

/// <summary>A mark, which is true where it appears.</summary>
internal sealed class MarkConverter : JsonConverter<bool>
{
    public override bool Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Scalars.Bool(ref json) ? true : throw new JsonException("is left out rather than false");

    public override void Write(Utf8JsonWriter json, bool value, JsonSerializerOptions options) =>
        json.WriteBooleanValue(value);
}

/// <summary>Free text, or a word that is looked up later.</summary>
internal sealed class TextConverter : JsonConverter<string>
{
    public override bool HandleNull => true;

    public override string Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Scalars.Text(ref json);

    public override void Write(Utf8JsonWriter json, string value, JsonSerializerOptions options) =>
        json.WriteStringValue(value);
}

/// <summary>A text, or null where there is none.</summary>
internal sealed class TextOrNullConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader json, Type type, JsonSerializerOptions options) =>
        Scalars.Text(ref json);

    public override void Write(Utf8JsonWriter json, string value, JsonSerializerOptions options) =>
        json.WriteStringValue(value);
}
