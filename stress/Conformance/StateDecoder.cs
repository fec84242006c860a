namespace Kmaplab.Stress.Conformance;

/// <summary>Reads the states of a trace in order, each on top of the one before.</summary>
internal sealed class StateDecoder
{
    /// <summary>How often a trace that writes changes writes everything.</summary>
    public const int FullEvery = 250;

    private static readonly FieldNames s_names = new(
        "pkmap_count", "pkmap_count_set", "last_pkmap_nr", "page_table", "page_table_set", "page_address",
        "page_address_set", "wait_queue", "flushes", "tlb_flushes", "wake_calls", "tasks", "lock", "buckets", "pool");

    private static readonly ulong s_full = s_names.Set("pkmap_count", "page_table", "page_address");
    private static readonly ulong s_delta = s_names.Set("pkmap_count_set", "page_table_set", "page_address_set");
    private static readonly ulong s_hash = s_names.Set("buckets", "pool");

    private static readonly ulong s_always = s_names.Set(
        "last_pkmap_nr", "wait_queue", "flushes", "tlb_flushes", "wake_calls", "tasks", "lock");

    private readonly TraceConfig _config;
    private readonly TableConfig _table;
    private readonly CellDecoder _cells;
    private readonly HashDecoder? _hashDecoder;
    private readonly List<TaskCondition> _conditions = [];
    private readonly List<int> _queue = [];

    private ValueArray<int> _counts, _pageTable, _waitQueue, _pool;
    private ValueArray<uint> _addresses;
    private ValueArray<TaskCondition> _tasks;
    private ValueArray<HashEntry> _entries;
    private HashState? _hash;
    private int _hand, _flushes, _tlbFlushes, _wakeCalls;
    private int? _lock;

    public StateDecoder(TraceConfig config, TableConfig table)
    {
        _config = config;
        _table = table;
        _cells = new CellDecoder(config);
        _hashDecoder = table.Hash is HashConfig hash ? new HashDecoder(config, hash) : null;
        _counts = new(new int[config.LastPkmap]);
        _pageTable = new(new int[config.LastPkmap]);
        _addresses = new(new uint[config.PageCount]);
    }

    /// <summary>Reads the state after a step; step 0 stands for the start.</summary>
    public TraceState Decode(ref JsonLine json, int step)
    {
        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
            DecodeField(ref json, s_names[field]);

        bool full = _table.Encoding == StateEncoding.Full || step % FullEvery == 0;
        ulong required = s_always | (full ? s_full : s_delta) | (_hashDecoder is null ? 0 : s_hash);
        json.Require(s_names, seen, required, 0, full ? "a full state" : "a state of changes");
        return Build();
    }

    private void DecodeField(ref JsonLine json, string field)
    {
        switch (field)
        {
            case "pkmap_count":
                _counts = _cells.Slots(ref json, _counts, int.MinValue, int.MaxValue);
                break;
            case "pkmap_count_set":
                _counts = _cells.SlotChanges(ref json, _counts, int.MinValue, int.MaxValue);
                break;
            case "page_table":
                _pageTable = _cells.Slots(ref json, _pageTable, -1, _config.PageCount);
                break;
            case "page_table_set":
                _pageTable = _cells.SlotChanges(ref json, _pageTable, -1, _config.PageCount);
                break;
            case "page_address":
                _addresses = _cells.Addresses(ref json, _addresses);
                break;
            case "page_address_set":
                _addresses = _cells.AddressChanges(ref json, _addresses);
                break;
            case "last_pkmap_nr":
                _hand = json.Int();
                break;
            case "wait_queue":
                DecodeQueue(ref json);
                break;
            case "flushes":
                _flushes = json.Natural();
                break;
            case "tlb_flushes":
                _tlbFlushes = json.Natural();
                break;
            case "wake_calls":
                _wakeCalls = json.Natural();
                break;
            case "tasks":
                DecodeTasks(ref json);
                break;
            case "lock":
                _lock = json.IndexOrNull(_table.TaskCount);
                break;
            case "buckets":
                _entries = Hash(ref json).Buckets(ref json, _entries);
                break;
            case "pool":
                _pool = Hash(ref json).Pool(ref json, _pool);
                break;
            default:
                throw new InvalidOperationException($"field '{field}' has no decoder");
        }
    }

    private HashDecoder Hash(ref JsonLine json)
        => _hashDecoder ?? throw json.Fail("'buckets' and 'pool' do not belong in a trace without 'hash_shown'");

    private void DecodeQueue(ref JsonLine json)
    {
        Lists.Ints(ref json, 0, _table.TaskCount, _queue);
        _waitQueue = Lists.Shared(_queue, _waitQueue);
    }

    private void DecodeTasks(ref JsonLine json)
    {
        _conditions.Clear();
        json.BeginArray();
        while (json.NextItem())
            _conditions.Add(json.Word(TraceWords.Conditions));

        if (_conditions.Count != _table.TaskCount)
            throw json.FailField($"has {_conditions.Count} items, must have {_table.TaskCount}");

        _tasks = Lists.Shared(_conditions, _tasks);
    }

    private TraceState Build()
    {
        if (_hashDecoder is not null)
        {
            bool same = _hash is { } hash && hash.Entries.SharesItemsWith(_entries) && hash.Pool.SharesItemsWith(_pool);
            _hash = same ? _hash : new HashState(_entries, _pool);
        }

        return new()
        {
            PkmapCount = _counts,
            LastPkmapNr = _hand,
            PageTable = _pageTable,
            PageAddress = _addresses,
            WaitQueue = _waitQueue,
            Flushes = _flushes,
            TlbFlushes = _tlbFlushes,
            WakeCalls = _wakeCalls,
            Tasks = _tasks,
            Lock = _lock,
            Hash = _hash,
        };
    }
}
