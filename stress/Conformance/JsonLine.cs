using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance;

/// <summary>Reads one line of a trace; whatever is not as asked for ends in an exception that names the line.</summary>
/// <remarks>Values are read where the reader stands; the methods that start with Next move onto one.</remarks>
internal ref struct JsonLine
{
    private readonly string _file;
    private readonly int _line;
    private Utf8JsonReader _json;
    private string _field = "";

    public JsonLine(ReadOnlySpan<byte> text, string file, int line)
    {
        _json = new Utf8JsonReader(text);
        _file = file;
        _line = line;
        _json.Read();
    }

    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    /// <summary>Whether the object the reader stands on starts with this field; the reader does not move.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> name)
    {
        Utf8JsonReader ahead = _json;
        return ahead.TokenType == JsonTokenType.StartObject && ahead.Read()
            && ahead.TokenType == JsonTokenType.PropertyName && ahead.ValueSpan.SequenceEqual(name);
    }

    public readonly void BeginObject() => Expect(JsonTokenType.StartObject, "an object");

    public readonly void BeginArray() => Expect(JsonTokenType.StartArray, "an array");

    /// <summary>Moves onto the value of the next field; false after the last one.</summary>
    public bool NextField(FieldNames names, ref SeenFields seen, out int field)
    {
        field = -1;
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return false;

        field = names.Find(_json.ValueSpan, seen.Predicted);
        if (field < 0)
            throw Fail($"unknown field '{Encoding.UTF8.GetString(_json.ValueSpan)}'");

        _field = names[field];
        if ((seen.Set & 1ul << field) != 0)
            throw Fail($"field '{_field}' appears twice");

        seen.Set |= 1ul << field;
        seen.Predicted = field + 1;
        _json.Read();
        return true;
    }

    /// <summary>Moves onto the next value of an object keyed by numbers; false after the last one.</summary>
    public bool NextKey(int limit, out int key)
    {
        key = -1;
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return false;

        ReadOnlySpan<byte> name = _json.ValueSpan;
        bool number = !name.IsEmpty && Utf8Parser.TryParse(name, out key, out int digits) && digits == name.Length;
        bool plain = number && (name.Length == 1 || name[0] != (byte)'0') && name[0] is >= (byte)'0' and <= (byte)'9';
        if (!plain || key >= limit)
            throw FailField($"key '{Encoding.UTF8.GetString(name)}' is not a number from 0 to {limit - 1}");

        _json.Read();
        return true;
    }

    /// <summary>Moves onto the next value of an object keyed by free text; false after the last one.</summary>
    public bool NextName(out string name)
    {
        name = "";
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return false;

        name = Decoded();
        _json.Read();
        return true;
    }

    /// <summary>Moves onto the next item of an array; false after the last one.</summary>
    public bool NextItem()
    {
        _json.Read();
        return _json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Moves onto the next item of an array that must have one.</summary>
    public void RequireItem()
    {
        if (!NextItem())
            throw FailField("an item has too few values");
    }

    /// <summary>Moves behind the last item of an array that must have no more.</summary>
    public void EndArray()
    {
        if (NextItem())
            throw FailField("an item has too many values");
    }

    /// <summary>Checks that nothing stands behind the line's object.</summary>
    public void End() => _json.Read();

    /// <summary>Checks an object's fields after the last one.</summary>
    public readonly void Require(FieldNames names, in SeenFields seen, ulong required, ulong optional, string what)
    {
        if ((seen.Set & required) == required && (seen.Set & ~(required | optional)) == 0)
            return;

        for (int field = 0; field < 64; field++)
        {
            ulong bit = 1ul << field;
            if ((required & ~seen.Set & bit) != 0)
                throw Fail($"field '{names[field]}' is missing in {what}");

            if ((seen.Set & ~(required | optional) & bit) != 0)
                throw Fail($"field '{names[field]}' does not belong in {what}");
        }
    }

    public readonly int Int()
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out int value))
            throw Mismatch("a whole number of 32 bits");

        return value;
    }

    /// <summary>Reads a number from 0 up to but without the limit.</summary>
    public readonly int Index(int limit) => InRange(0, limit);

    /// <summary>Reads a number from the first up to but without the limit.</summary>
    public readonly int InRange(int first, int limit)
    {
        int value = Int();
        if (value < first || value >= limit)
            throw FailField($"{value} is not from {first} to {limit - 1}");

        return value;
    }

    public readonly int? IndexOrNull(int limit) => IsNull ? null : Index(limit);

    public readonly int Natural() => Index(int.MaxValue);

    public readonly uint Unsigned()
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetUInt32(out uint value))
            throw Mismatch("an unsigned number of 32 bits");

        return value;
    }

    public readonly uint? UnsignedOrNull() => IsNull ? null : Unsigned();

    public readonly long Long()
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long value))
            throw Mismatch("a whole number");

        return value;
    }

    public readonly bool Bool()
    {
        if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            throw Mismatch("true or false");

        return _json.TokenType == JsonTokenType.True;
    }

    /// <summary>Reads a mark, which is true where it appears.</summary>
    public readonly bool Mark() => Bool() ? true : throw FailField("is left out rather than false");

    public readonly string Text()
    {
        Expect(JsonTokenType.String, "a string");
        return Decoded();
    }

    public readonly T Word<T>(Words<T> words)
        where T : struct, Enum
    {
        Expect(JsonTokenType.String, "a string");
        if (!words.TryParse(_json, out T value))
            throw FailField($"'{Encoding.UTF8.GetString(_json.ValueSpan)}' is none of {words.All}");

        return value;
    }

    public readonly T? WordOrNull<T>(Words<T> words)
        where T : struct, Enum => IsNull ? null : Word(words);

    public readonly TraceFormatException Fail(string reason) => new(_file, _line, reason);

    /// <summary>Blames the field that was read last.</summary>
    public readonly TraceFormatException FailField(string reason) => Fail($"'{_field}': {reason}");

    private readonly void Expect(JsonTokenType token, string what)
    {
        if (_json.TokenType != token)
            throw Mismatch(what);
    }

    private readonly TraceFormatException Mismatch(string what)
    {
        string found = _json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.EndArray => "the end of an array",
            _ => Encoding.UTF8.GetString(_json.ValueSpan),
        };
        return Fail(_field == "" ? $"expected {what}, found {found}" : $"'{_field}': expected {what}, found {found}");
    }

    private readonly string Decoded()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw FailField("the text is not valid Unicode");
        }
    }
}
