using System.Text;

namespace Kmaplab.Stress.Conformance;

/// <summary>The fields an object of the format may have, in the order files usually write them.</summary>
internal sealed class FieldNames(params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public string this[int index] => names[index];

    /// <summary>The set of the named fields, as bits.</summary>
    public ulong Set(params ReadOnlySpan<string> fields)
    {
        ulong set = 0;
        foreach (string field in fields)
            set |= 1ul << IndexOf(field);

        return set;
    }

    /// <summary>Finds a name, looking first where the usual order predicts it; -1 when it is none of these.</summary>
    public int Find(ReadOnlySpan<byte> name, int predicted)
    {
        for (int i = 0; i < _utf8.Length; i++)
        {
            int index = (predicted + i) % _utf8.Length;
            if (name.SequenceEqual(_utf8[index]))
                return index;
        }

        return -1;
    }

    private int IndexOf(string field)
    {
        int index = Array.IndexOf(names, field);
        return index >= 0 ? index : throw new InvalidOperationException($"'{field}' is not a field of this object");
    }
}

/// <summary>The fields an object has shown so far.</summary>
internal struct SeenFields
{
    public ulong Set;
    public int Predicted;
}
