namespace Kmaplab.Stress.Conformance;

/// <summary>Reads the states and steps of an atomic trace.</summary>
internal sealed class AtomicDecoder
{
    private static readonly FieldNames s_names = new(
        "i", "cpu", "op", "page", "pfn", "addr", "type", "result", "bug", "state");

    private static readonly FieldNames s_state = new(
        "entries", "preempt_count", "tlb_one_flushes", "last_tlb_one", "resched_checks");

    private static readonly ulong s_wholeState = s_state.Set(
        "entries", "preempt_count", "tlb_one_flushes", "last_tlb_one", "resched_checks");

    private static readonly ulong s_always = s_names.Set("i", "cpu", "op", "result", "bug", "state");

    private readonly TraceConfig _config;
    private readonly AtomicConfig _atomic;
    private readonly SortedList<int, uint> _entries = [];
    private readonly List<int> _counts = [];
    private ValueArray<int> _preemptCounts;

    public AtomicDecoder(TraceConfig config, ref JsonLine json)
    {
        _config = config;
        _atomic = config.Atomic!;
        Start = DecodeState(ref json);
    }

    public AtomicState Start { get; }

    public AtomicStep Decode(ref JsonLine json, int expected)
    {
        int number = 0, cpu = 0;
        AtomicOp op = default;
        int? page = null;
        uint? pfn = null, addr = null, result = null;
        string? type = null;
        BugCode? bug = null;
        AtomicState? state = null;

        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
        {
            switch (s_names[field])
            {
                case "i":
                    number = json.Int();
                    break;
                case "cpu":
                    cpu = json.Index(_atomic.CpuCount);
                    break;
                case "op":
                    op = json.Word(TraceWords.AtomicOps);
                    break;
                case "page":
                    page = json.Index(_config.PageCount);
                    break;
                case "pfn":
                    pfn = json.Unsigned();
                    break;
                case "addr":
                    addr = json.Unsigned();
                    break;
                case "type":
                    type = TypeName(ref json);
                    break;
                case "result":
                    result = json.UnsignedOrNull();
                    break;
                case "bug":
                    bug = json.WordOrNull(TraceWords.Bugs);
                    break;
                default:
                    state = DecodeState(ref json);
                    break;
            }
        }

        json.Require(s_names, seen, s_always | Arguments(op), 0, $"a step '{TraceWords.AtomicOps[op]}'");
        if (number != expected)
            throw json.Fail($"step {number} stands where step {expected} must be");

        return new()
        {
            Number = number,
            Cpu = cpu,
            Op = op,
            Page = page,
            Pfn = pfn,
            Addr = addr,
            Type = type,
            Result = result,
            Bug = bug,
            State = state!,
        };
    }

    private static ulong Arguments(AtomicOp op) => op switch
    {
        AtomicOp.KmapAtomic => s_names.Set("page", "type"),
        AtomicOp.KmapAtomicPfn => s_names.Set("pfn", "type"),
        AtomicOp.KunmapAtomic => s_names.Set("addr", "type"),
        _ => s_names.Set("addr"),
    };

    /// <summary>The name as the configuration holds it, so that steps share the string.</summary>
    private string TypeName(ref JsonLine json)
    {
        string name = json.Text();
        foreach (TypeNumber type in _atomic.Types)
        {
            if (type.Name == name)
                return type.Name;
        }

        throw json.FailField($"'{name}' is not in the configuration's 'types'");
    }

    private AtomicState DecodeState(ref JsonLine json)
    {
        int flushes = 0, checks = 0;
        uint last = 0;
        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_state, ref seen, out int field))
        {
            switch (field)
            {
                case 0:
                    DecodeEntries(ref json);
                    break;
                case 1:
                    DecodePreemptCounts(ref json);
                    break;
                case 2:
                    flushes = json.Natural();
                    break;
                case 3:
                    last = json.Unsigned();
                    break;
                default:
                    checks = json.Natural();
                    break;
            }
        }

        json.Require(s_state, seen, s_wholeState, 0, "a state");
        return new()
        {
            Entries = Entries(),
            PreemptCount = _preemptCounts,
            TlbOneFlushes = flushes,
            LastTlbOne = last,
            ReschedChecks = checks,
        };
    }

    private void DecodeEntries(ref JsonLine json)
    {
        _entries.Clear();
        json.BeginObject();
        while (json.NextKey(int.MaxValue, out int index))
        {
            if (!_entries.TryAdd(index, json.Unsigned()))
                throw json.FailField($"index {index} appears twice");
        }
    }

    private ValueArray<AtomicEntry> Entries()
    {
        var entries = new AtomicEntry[_entries.Count];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = new AtomicEntry(_entries.GetKeyAtIndex(i), _entries.GetValueAtIndex(i));

        return new(entries);
    }

    private void DecodePreemptCounts(ref JsonLine json)
    {
        Lists.Ints(ref json, int.MinValue, int.MaxValue, _counts);
        if (_counts.Count != _atomic.CpuCount)
            throw json.FailField($"has {_counts.Count} items, must have {_atomic.CpuCount}");

        _preemptCounts = Lists.Shared(_counts, _preemptCounts);
    }
}
