namespace Kmaplab.Stress.Conformance;

/// <summary>Reads the inside of the page-to-address table.</summary>
internal sealed class HashDecoder(TraceConfig config, HashConfig hash)
{
    private readonly List<HashEntry> _entries = [];
    private readonly List<int> _pool = [];

    public ValueArray<HashEntry> Buckets(ref JsonLine json, ValueArray<HashEntry> before)
    {
        _entries.Clear();
        int last = -1;
        json.BeginObject();
        while (json.NextKey(1 << hash.Bits, out int bucket))
        {
            // Writers list the buckets upwards; a repeated one would fall under the same check.
            if (bucket <= last)
                throw json.FailField($"bucket {bucket} follows {last}");

            last = bucket;
            Chain(ref json, bucket);
        }

        return Lists.Shared(_entries, before);
    }

    public ValueArray<int> Pool(ref JsonLine json, ValueArray<int> before)
    {
        Lists.Ints(ref json, 0, config.LastPkmap, _pool);
        return Lists.Shared(_pool, before);
    }

    private void Chain(ref JsonLine json, int bucket)
    {
        int before = _entries.Count;
        json.BeginArray();
        while (json.NextItem())
        {
            json.BeginArray();
            json.RequireItem();
            int page = json.Index(config.PageCount);
            json.RequireItem();
            uint address = json.Unsigned();
            json.RequireItem();
            _entries.Add(new HashEntry(bucket, page, address, json.Index(config.LastPkmap)));
            json.EndArray();
        }

        if (_entries.Count == before)
            throw json.FailField($"bucket {bucket} is empty and must be left out");
    }
}
