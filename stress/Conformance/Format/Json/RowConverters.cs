using System.Text.Json;

namespace Kmaplab.Stress.Conformance.Format.Json;

/// <summary>A list of rows: arrays of a fixed number of values, each with a meaning of its own.</summary>
internal abstract class RowsConverter<T> : ListConverter<T>
{
    protected sealed override T ReadItem(ref Utf8JsonReader json)
    {
        Scalars.Require(JsonTokenType.StartArray, "an array", json);
        T row = ReadRow(ref json);
        json.Read();
        return json.TokenType == JsonTokenType.EndArray ? row : throw new JsonException("an item has too many values");
    }

    protected sealed override void WriteItem(Utf8JsonWriter json, T item)
    {
        json.WriteStartArray();
        WriteRow(json, item);
        json.WriteEndArray();
    }

    /// <summary>Reads the values of a row; <see cref="Next"/> moves onto each.</summary>
    protected abstract T ReadRow(ref Utf8JsonReader json);

    protected abstract void WriteRow(Utf8JsonWriter json, T row);

    protected static void Next(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.EndArray)
            throw new JsonException("an item has too few values");
    }

    protected static int NextInt(ref Utf8JsonReader json)
    {
        Next(ref json);
        return Scalars.Int(ref json);
    }
}

/// <summary>A slot and what is in it now.</summary>
internal readonly record struct SlotCell(int Slot, int Value);

/// <summary>A page and the address that its record holds now, null without one.</summary>
internal readonly record struct AddressCell(int Page, uint? Address);

/// <summary>A record in a hash chain.</summary>
internal readonly record struct HashRow(int Page, uint Address, int Record);

/// <summary>[[slot, value], ...].</summary>
internal sealed class SlotCellsConverter : RowsConverter<SlotCell>
{
    protected override SlotCell ReadRow(ref Utf8JsonReader json) => new(NextInt(ref json), NextInt(ref json));

    protected override void WriteRow(Utf8JsonWriter json, SlotCell row)
    {
        json.WriteNumberValue(row.Slot);
        json.WriteNumberValue(row.Value);
    }
}

/// <summary>[[page, address or null], ...].</summary>
internal sealed class AddressCellsConverter : RowsConverter<AddressCell>
{
    protected override AddressCell ReadRow(ref Utf8JsonReader json)
    {
        int page = NextInt(ref json);
        Next(ref json);
        return new(page, json.TokenType == JsonTokenType.Null ? null : Scalars.Unsigned(ref json));
    }

    protected override void WriteRow(Utf8JsonWriter json, AddressCell row)
    {
        json.WriteNumberValue(row.Page);
        if (row.Address is uint address)
            json.WriteNumberValue(address);
        else
            json.WriteNullValue();
    }
}

/// <summary>[[page, address, record], ...].</summary>
internal sealed class HashRowsConverter : RowsConverter<HashRow>
{
    public static HashRowsConverter Instance { get; } = new();

    protected override HashRow ReadRow(ref Utf8JsonReader json)
    {
        int page = NextInt(ref json);
        Next(ref json);
        return new(page, Scalars.Unsigned(ref json), NextInt(ref json));
    }

    protected override void WriteRow(Utf8JsonWriter json, HashRow row)
    {
        json.WriteNumberValue(row.Page);
        json.WriteNumberValue(row.Address);
        json.WriteNumberValue(row.Record);
    }
}

/// <summary>[[op, page], ...].</summary>
internal sealed class ProgramConverter : RowsConverter<ProgramOp>
{
    public static ProgramConverter Instance { get; } = new();

    protected override ProgramOp ReadRow(ref Utf8JsonReader json)
    {
        Next(ref json);
        return new(Scalars.Word<TraceOp>(ref json), NextInt(ref json));
    }

    protected override void WriteRow(Utf8JsonWriter json, ProgramOp row)
    {
        json.WriteStringValue(Words<TraceOp>.Utf8(row.Op));
        json.WriteNumberValue(row.Page);
    }
}

/// <summary>[program, ...].</summary>
internal sealed class ProgramsConverter : ListConverter<ProgramOp[]>
{
    protected override ProgramOp[] ReadItem(ref Utf8JsonReader json) => ProgramConverter.Instance.Read(ref json);

    protected override void WriteItem(Utf8JsonWriter json, ProgramOp[] item) =>
        ProgramConverter.Instance.Write(json, item);
}
