using Kmaplab.Stress.Conformance.Format.Json;
using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Makes whole states of those in the file, each on top of the one before, and checks that they fit.</summary>
internal sealed class StateRules(TraceConfig config, TableConfig table)
{
    /// <summary>How often a trace that writes changes writes everything.</summary>
    public const int FullEvery = 250;

    private TraceState? _before;

    /// <summary>The state after a step; step 0 stands for the start.</summary>
    public TraceState Resolve(StateLine line, int step)
    {
        bool isFull = table.Encoding == StateEncoding.Full || step % FullEvery == 0;
        CheckFields(line, isFull);
        Rule.AllInRange("wait_queue", line.WaitQueue, 0, table.TaskCount);
        Rule.Int("last_pkmap_nr", line.LastPkmapNr);
        Rule.Natural("flushes", line.Flushes);
        Rule.Natural("tlb_flushes", line.TlbFlushes);
        Rule.Natural("wake_calls", line.WakeCalls);
        Rule.Count("tasks", line.Tasks.Length, table.TaskCount);
        if (line.Lock is long holder)
            Rule.InRange("lock", holder, 0, table.TaskCount);

        return _before = new()
        {
            PkmapCount = isFull
                ? Slots("pkmap_count", line.PkmapCount!, _before?.PkmapCount)
                : Change("pkmap_count_set", line.PkmapCountSet!, Before.PkmapCount),
            LastPkmapNr = (int)line.LastPkmapNr,
            PageTable = PageTable(line, isFull),
            PageAddress = isFull ? Addresses(line.PageAddress!) : Change(line.PageAddressSet!, Before.PageAddress),
            WaitQueue = Shared(line.WaitQueue, _before?.WaitQueue),
            Flushes = (int)line.Flushes,
            TlbFlushes = (int)line.TlbFlushes,
            WakeCalls = (int)line.WakeCalls,
            Tasks = Shared(line.Tasks, _before?.Tasks),
            Lock = (int?)line.Lock,
            Hash = table.Hash is { } hash ? Hash(line, hash) : null,
        };
    }

    private TraceState Before => _before!;

    private void CheckFields(StateLine line, bool isFull)
    {
        string what = isFull ? "a full state" : "a state of changes";
        Rule.Field("pkmap_count", line.PkmapCount is not null, isFull, what);
        Rule.Field("page_table", line.PageTable is not null, isFull, what);
        Rule.Field("page_address", line.PageAddress is not null, isFull, what);
        Rule.Field("pkmap_count_set", line.PkmapCountSet is not null, !isFull, what);
        Rule.Field("page_table_set", line.PageTableSet is not null, !isFull, what);
        Rule.Field("page_address_set", line.PageAddressSet is not null, !isFull, what);
        string trace = table.Hash is null ? "a trace without" : "a trace with";
        Rule.Field("buckets", line.Buckets is not null, table.Hash is not null, trace, "hash_shown");
        Rule.Field("pool", line.Pool is not null, table.Hash is not null, trace, "hash_shown");
    }

    private ValueArray<int> PageTable(StateLine line, bool isFull)
    {
        if (isFull)
        {
            Rule.AllInRange("page_table", line.PageTable!, -1, config.PageCount);
            return Slots("page_table", line.PageTable!, _before?.PageTable);
        }

        foreach (SlotCell cell in line.PageTableSet!)
            Rule.InRange("page_table_set", cell.Value, -1, config.PageCount);

        return Change("page_table_set", line.PageTableSet, Before.PageTable);
    }

    private ValueArray<int> Slots(string field, int[] slots, ValueArray<int>? before)
    {
        Rule.Count(field, slots.Length, config.LastPkmap);
        return Shared(slots, before);
    }

    private ValueArray<uint> Addresses(PageAddress[] pages) =>
        Shared(Pages.Addresses("page_address", pages, config.PageCount), _before?.PageAddress);

    private ValueArray<int> Change(string field, SlotCell[] cells, ValueArray<int> before)
    {
        if (cells.Length == 0)
            return before;

        int[] slots = before.AsSpan().ToArray();
        int next = 0;
        foreach ((int slot, int value) in cells)
        {
            Rule.InRange(field, slot, next, config.LastPkmap);
            slots[slot] = value;
            next = slot + 1;
        }

        return new(slots);
    }

    private ValueArray<uint> Change(AddressCell[] cells, ValueArray<uint> before)
    {
        if (cells.Length == 0)
            return before;

        uint[] addresses = before.AsSpan().ToArray();
        int next = 0;
        foreach ((int page, uint? address) in cells)
        {
            Rule.InRange("page_address_set", page, next, config.PageCount);
            if (address == 0)
                throw Rule.Broken("page_address_set", "a record has the address 0");

            addresses[page] = address ?? 0;
            next = page + 1;
        }

        return new(addresses);
    }

    private HashState Hash(StateLine line, HashConfig hash)
    {
        Rule.AllInRange("pool", line.Pool!, 0, config.LastPkmap);
        HashState? before = _before?.Hash;
        ValueArray<HashEntry> entries = Shared(Entries(line.Buckets!, hash), before?.Entries);
        ValueArray<int> pool = Shared(line.Pool!, before?.Pool);
        bool isSame =
            before is not null && before.Entries.SharesItemsWith(entries) && before.Pool.SharesItemsWith(pool);
        return isSame ? before! : new HashState(entries, pool);
    }

    private HashEntry[] Entries(Bucket[] buckets, HashConfig hash)
    {
        var entries = new List<HashEntry>();
        int last = -1;
        foreach ((int bucket, HashRow[] chain) in buckets)
        {
            // Writers list the buckets upwards; a repeated one would fall under the same check.
            Rule.InRange("buckets", bucket, 0, 1L << hash.Bits);
            if (bucket <= last)
                throw Rule.Broken("buckets", $"bucket {bucket} follows {last}");

            if (chain.Length == 0)
                throw Rule.Broken("buckets", $"bucket {bucket} is empty and must be left out");

            last = bucket;
            foreach ((int page, uint address, int record) in chain)
            {
                Rule.InRange("buckets", page, 0, config.PageCount);
                Rule.InRange("buckets", record, 0, config.LastPkmap);
                entries.Add(new(bucket, page, address, record));
            }
        }

        return [.. entries];
    }

    /// <summary>The items, or the array of the state before when they are the same, so that states share it.</summary>
    private static ValueArray<T> Shared<T>(T[] items, ValueArray<T>? before) =>
        Shared(new ValueArray<T>(items), before);

    private static ValueArray<T> Shared<T>(ValueArray<T> items, ValueArray<T>? before) =>
        before is { } known && known.Equals(items) ? known : items;
}
