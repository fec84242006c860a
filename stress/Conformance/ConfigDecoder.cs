namespace Kmaplab.Stress.Conformance;

/// <summary>Reads a configuration, whose fields depend on its kind.</summary>
internal sealed class ConfigDecoder
{
    /// <summary>Keeps a mistyped size from being allocated.</summary>
    private const int LargestSize = 1 << 20;

    private static readonly FieldNames s_names = new(
        "trace", "kind", "profile", "version", "last_pkmap", "n_pages", "n_tasks", "pkmap_base", "page_shift", "smp",
        "state_encoding", "low_pages", "hash_shown", "page_ptr", "hash_bits", "page_bucket", "programs", "schedule",
        "debug", "n_cpus", "page_pfn", "types", "n_types", "fix_kmap_begin", "fixaddr_top", "fixaddr_start",
        "page_offset");

    private static readonly ulong s_common = s_names.Set(
        "trace", "kind", "profile", "version", "last_pkmap", "n_pages", "pkmap_base", "page_shift", "low_pages");

    private static readonly ulong s_table = s_common | s_names.Set("n_tasks", "smp", "state_encoding");
    private static readonly ulong s_hash = s_names.Set("page_ptr", "hash_bits", "page_bucket");
    private static readonly ulong s_shown = s_names.Set("hash_shown");
    private static readonly ulong s_fine = s_names.Set("programs", "schedule");

    private static readonly ulong s_atomic = s_common | s_names.Set(
        "debug", "n_cpus", "page_pfn", "types", "n_types", "fix_kmap_begin", "fixaddr_top", "fixaddr_start",
        "page_offset");

    private readonly List<(int Page, uint Address)> _lowPages = [];
    private readonly List<TypeNumber> _types = [];
    private string _trace = "", _profile = "", _version = "";
    private TraceKind _kind;
    private StateEncoding _encoding;
    private bool _smp, _hashShown, _debug;
    private int _lastPkmap, _pages, _tasks, _shift, _hashBits, _cpus, _typeCount, _fixKmapBegin;
    private uint _pkmapBase, _fixaddrTop, _fixaddrStart, _pageOffset;
    private ValueArray<uint> _pagePtr, _pagePfn;
    private ValueArray<int> _pageBucket, _schedule;
    private ValueArray<ValueArray<ProgramOp>> _programs;

    public TraceConfig Decode(ref JsonLine json)
    {
        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
            DecodeField(ref json, s_names[field]);

        bool atomic = _kind == TraceKind.Atomic;
        bool fine = _kind is TraceKind.Fine or TraceKind.HashFine;
        ulong required = (atomic ? s_atomic : s_table) | (_hashShown ? s_hash | s_shown : 0) | (fine ? s_fine : 0);
        string what = $"a configuration of kind '{TraceWords.Kinds[_kind]}'";
        json.Require(s_names, seen, required, atomic ? 0 : s_shown, what);
        return Checked(ref json, atomic, fine);
    }

    private void DecodeField(ref JsonLine json, string field)
    {
        switch (field)
        {
            case "trace":
                _trace = json.Text();
                break;
            case "kind":
                _kind = json.Word(TraceWords.Kinds);
                break;
            case "profile":
                _profile = json.Text();
                break;
            case "version":
                _version = json.Text();
                break;
            case "last_pkmap":
                _lastPkmap = json.Index(LargestSize);
                break;
            case "n_pages":
                _pages = json.Index(LargestSize);
                break;
            case "n_tasks":
                _tasks = json.Index(LargestSize);
                break;
            case "pkmap_base":
                _pkmapBase = json.Unsigned();
                break;
            case "page_shift":
                _shift = json.Index(32);
                break;
            case "smp":
                _smp = json.Bool();
                break;
            case "state_encoding":
                _encoding = json.Word(TraceWords.Encodings);
                break;
            case "low_pages":
                DecodeLowPages(ref json);
                break;
            case "hash_shown":
                _hashShown = json.Bool();
                break;
            case "page_ptr":
                _pagePtr = Lists.Unsigned(ref json);
                break;
            case "hash_bits":
                _hashBits = json.Index(31);
                break;
            case "page_bucket":
                _pageBucket = Lists.Ints(ref json, int.MaxValue);
                break;
            case "programs":
                _programs = Lists.Programs(ref json);
                break;
            case "schedule":
                _schedule = Lists.Ints(ref json, int.MaxValue);
                break;
            case "debug":
                _debug = json.Bool();
                break;
            case "n_cpus":
                _cpus = json.Index(LargestSize);
                break;
            case "page_pfn":
                _pagePfn = Lists.Unsigned(ref json);
                break;
            case "types":
                DecodeTypes(ref json);
                break;
            case "n_types":
                _typeCount = json.Index(LargestSize);
                break;
            case "fix_kmap_begin":
                _fixKmapBegin = json.Natural();
                break;
            case "fixaddr_top":
                _fixaddrTop = json.Unsigned();
                break;
            case "fixaddr_start":
                _fixaddrStart = json.Unsigned();
                break;
            case "page_offset":
                _pageOffset = json.Unsigned();
                break;
            default:
                throw new InvalidOperationException($"field '{field}' has no decoder");
        }
    }

    private void DecodeLowPages(ref JsonLine json)
    {
        json.BeginObject();
        while (json.NextKey(LargestSize, out int page))
            _lowPages.Add((page, json.Unsigned()));
    }

    private void DecodeTypes(ref JsonLine json)
    {
        json.BeginObject();
        while (json.NextName(out string name))
        {
            if (_types.Exists(t => t.Name == name))
                throw json.FailField($"'{name}' appears twice");

            _types.Add(new TypeNumber(name, json.Natural()));
        }
    }

    private TraceConfig Checked(ref JsonLine json, bool atomic, bool fine)
    {
        RequireCount(ref json, "page_ptr", _pagePtr.Count, _hashShown ? _pages : 0);
        RequireCount(ref json, "page_bucket", _pageBucket.Count, _hashShown ? _pages : 0);
        RequireCount(ref json, "page_pfn", _pagePfn.Count, atomic ? _pages : 0);
        RequireCount(ref json, "programs", _programs.Count, fine ? _tasks : 0);
        foreach (int bucket in _pageBucket)
            RequireBelow(ref json, "page_bucket", bucket, 1L << _hashBits);

        foreach (int task in _schedule)
            RequireBelow(ref json, "schedule", task, _tasks);

        foreach (ValueArray<ProgramOp> program in _programs)
        {
            foreach (ProgramOp op in program)
                RequireBelow(ref json, "programs", op.Page, _pages);
        }

        return Build(atomic, fine, LowPages(ref json));
    }

    private ValueArray<uint> LowPages(ref JsonLine json)
    {
        var addresses = new uint[_pages];
        foreach ((int page, uint address) in _lowPages)
        {
            RequireBelow(ref json, "low_pages", page, _pages);
            if (address == 0 || addresses[page] != 0)
                throw json.Fail($"'low_pages': page {page} has address 0, or two addresses");

            addresses[page] = address;
        }

        return new(addresses);
    }

    private TraceConfig Build(bool atomic, bool fine, ValueArray<uint> lowPages) => new()
    {
        Trace = _trace,
        Kind = _kind,
        Profile = _profile,
        Version = _version,
        LastPkmap = _lastPkmap,
        PageCount = _pages,
        PkmapBase = _pkmapBase,
        PageShift = _shift,
        LowPages = lowPages,
        Table = atomic ? null : new()
        {
            TaskCount = _tasks,
            Smp = _smp,
            Encoding = _encoding,
            Hash = _hashShown ? new(_hashBits, _pagePtr, _pageBucket) : null,
            Fine = fine ? new(_programs, _schedule) : null,
        },
        Atomic = !atomic ? null : new()
        {
            Debug = _debug,
            CpuCount = _cpus,
            PagePfn = _pagePfn,
            Types = new([.. _types]),
            TypeCount = _typeCount,
            FixKmapBegin = _fixKmapBegin,
            FixaddrTop = _fixaddrTop,
            FixaddrStart = _fixaddrStart,
            PageOffset = _pageOffset,
        },
    };

    private static void RequireCount(ref JsonLine json, string field, int count, int expected)
    {
        if (count != expected)
            throw json.Fail($"'{field}' has {count} items, must have {expected}");
    }

    private static void RequireBelow(ref JsonLine json, string field, int value, long limit)
    {
        if (value >= limit)
            throw json.Fail($"'{field}': {value} is not from 0 to {limit - 1}");
    }
}
