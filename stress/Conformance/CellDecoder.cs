namespace Kmaplab.Stress.Conformance;

/// <summary>Reads the cells of a state, all of them or only those that changed.</summary>
internal sealed class CellDecoder(TraceConfig config)
{
    private readonly List<int> _slots = [];
    private readonly uint[] _addresses = new uint[config.PageCount];

    public ValueArray<int> Slots(ref JsonLine json, ValueArray<int> before, int first, int limit)
    {
        Lists.Ints(ref json, first, limit, _slots);
        if (_slots.Count != config.LastPkmap)
            throw json.FailField($"has {_slots.Count} items, must have {config.LastPkmap}");

        return Lists.Shared(_slots, before);
    }

    public ValueArray<int> SlotChanges(ref JsonLine json, ValueArray<int> before, int first, int limit)
    {
        int[]? changed = null;
        int last = -1;
        json.BeginArray();
        while (json.NextItem())
        {
            last = Cell(ref json, last, config.LastPkmap);
            changed ??= before.AsSpan().ToArray();
            changed[last] = json.InRange(first, limit);
            json.EndArray();
        }

        return changed is null ? before : new(changed);
    }

    public ValueArray<uint> Addresses(ref JsonLine json, ValueArray<uint> before)
    {
        Array.Clear(_addresses);
        json.BeginObject();
        while (json.NextKey(config.PageCount, out int page))
        {
            if (_addresses[page] != 0)
                throw json.FailField($"page {page} appears twice");

            _addresses[page] = Address(ref json);
        }

        return before.AsSpan().SequenceEqual(_addresses) ? before : new([.. _addresses]);
    }

    public ValueArray<uint> AddressChanges(ref JsonLine json, ValueArray<uint> before)
    {
        uint[]? changed = null;
        int last = -1;
        json.BeginArray();
        while (json.NextItem())
        {
            last = Cell(ref json, last, config.PageCount);
            changed ??= before.AsSpan().ToArray();
            changed[last] = json.IsNull ? 0 : Address(ref json);
            json.EndArray();
        }

        return changed is null ? before : new(changed);
    }

    /// <summary>Moves onto the value of a [number, value] pair; the numbers must ascend.</summary>
    private static int Cell(ref JsonLine json, int last, int limit)
    {
        json.BeginArray();
        json.RequireItem();
        int number = json.InRange(last + 1, limit);
        json.RequireItem();
        return number;
    }

    /// <summary>An address of 0 means that there is no record, so no record can have it.</summary>
    private static uint Address(ref JsonLine json)
    {
        uint address = json.Unsigned();
        return address != 0 ? address : throw json.FailField("a record has the address 0");
    }
}
