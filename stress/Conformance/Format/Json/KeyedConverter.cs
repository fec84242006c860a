using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kmaplab.Stress.Conformance.Format.Json;

/// <summary>An object whose keys are data.</summary>
/// <remarks>A number must be written as people write it, so that no two keys are the same.</remarks>
internal abstract class KeyedConverter<T>()
    : ItemsConverter<T>(JsonTokenType.StartObject, JsonTokenType.EndObject, "an object")
{
    /// <summary>Reads a key and moves onto its value.</summary>
    protected static int Key(ref Utf8JsonReader json)
    {
        ReadOnlySpan<byte> name = json.ValueSpan;
        int key = -1;
        bool isNumber = !name.IsEmpty && Utf8Parser.TryParse(name, out key, out int digits) && digits == name.Length;
        bool isPlain =
            isNumber && (name.Length == 1 || name[0] != (byte)'0') && name[0] is >= (byte)'0' and <= (byte)'9';
        if (!isPlain)
            throw new JsonException($"key '{Encoding.UTF8.GetString(name)}' is not a number from 0 up");

        json.Read();
        return key;
    }

    protected static string Key(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A page and its address.</summary>
internal readonly record struct PageAddress(int Page, uint Address);

/// <summary>A bucket and the records that hang on it.</summary>
internal readonly record struct Bucket(int Number, HashRow[] Chain);

/// <summary>{page: address}.</summary>
internal sealed class AddressesConverter : KeyedConverter<PageAddress>
{
    protected override PageAddress ReadItem(ref Utf8JsonReader json) => new(Key(ref json), Scalars.Unsigned(ref json));

    protected override void WriteItem(Utf8JsonWriter json, PageAddress item) =>
        json.WriteNumber(Key(item.Page), item.Address);
}

/// <summary>{bucket: chain}.</summary>
internal sealed class BucketsConverter : KeyedConverter<Bucket>
{
    protected override Bucket ReadItem(ref Utf8JsonReader json) =>
        new(Key(ref json), HashRowsConverter.Instance.Read(ref json));

    protected override void WriteItem(Utf8JsonWriter json, Bucket item)
    {
        json.WritePropertyName(Key(item.Number));
        HashRowsConverter.Instance.Write(json, item.Chain);
    }
}

/// <summary>{index: frame}.</summary>
internal sealed class EntriesConverter : KeyedConverter<AtomicEntry>
{
    protected override AtomicEntry ReadItem(ref Utf8JsonReader json) => new(Key(ref json), Scalars.Unsigned(ref json));

    protected override void WriteItem(Utf8JsonWriter json, AtomicEntry item) =>
        json.WriteNumber(Key(item.Index), item.Frame);
}

/// <summary>{task: [tasks]}.</summary>
internal sealed class WaitForConverter : KeyedConverter<WaitEdges>
{
    protected override WaitEdges ReadItem(ref Utf8JsonReader json) =>
        new(Key(ref json), new(IntsConverter.Instance.Read(ref json)));

    protected override void WriteItem(Utf8JsonWriter json, WaitEdges item)
    {
        json.WritePropertyName(Key(item.Task));
        IntsConverter.Instance.Write(json, item.For.AsSpan());
    }
}

/// <summary>{name: number}.</summary>
internal sealed class TypesConverter : KeyedConverter<TypeNumber>
{
    protected override TypeNumber ReadItem(ref Utf8JsonReader json)
    {
        string name = Scalars.Name(ref json);
        json.Read();
        return new(name, Scalars.Int(ref json));
    }

    protected override void WriteItem(Utf8JsonWriter json, TypeNumber item) => json.WriteNumber(item.Name, item.Number);
}
